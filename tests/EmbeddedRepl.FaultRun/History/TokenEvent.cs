namespace EmbeddedRepl.FaultRun.History;

/// <summary>A token that was waited for with success.</summary>
internal sealed record TokenEvent(NodeLog Log, Place Token, NodeSight Now);
