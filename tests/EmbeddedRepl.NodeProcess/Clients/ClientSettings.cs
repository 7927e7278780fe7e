namespace EmbeddedRepl.NodeProcess.Clients;

/// <summary>What the clients of one life of a node do.</summary>
/// <param name="Node">The number of the node in its run, below 2,048.</param>
/// <param name="Life">How often the node was started before, below 4,096.</param>
/// <param name="Clients">How many callers there are, below 250; each is a thread.</param>
/// <param name="Keys">How many keys there are, <c>k0</c> and so on, and a tenth as many that are only compared and set, <c>c0</c> and so on, and that expire, <c>e0</c> and so on.</param>
/// <param name="Rate">Operations per second of one client, about; at least 1.</param>
/// <param name="Seed">What is drawn from.</param>
internal sealed record ClientSettings(int Node, int Life, int Clients, int Keys, int Rate, int Seed);
