namespace EmbeddedRepl.FaultRun.History;

/// <summary>Where a node stood and what it held there.</summary>
internal sealed record PlaceEvent(NodeLog Log, long Time, NodeSight Sight, string Role, string Link, string Digest, long Entries);
