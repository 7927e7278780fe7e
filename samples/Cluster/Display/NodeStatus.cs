using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Display;

/// <summary>One row of the table: a node at one moment.</summary>
/// <param name="Node">The node.</param>
/// <param name="Report">What it says about itself, or null if it does not answer.</param>
/// <param name="ReadsPerSecond">Entries read of it lately.</param>
/// <param name="WritesPerSecond">Entries written to it lately.</param>
internal sealed record NodeStatus(Node Node, NodeReport? Report, double ReadsPerSecond, double WritesPerSecond);
