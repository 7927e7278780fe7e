namespace EmbeddedRepl.FaultRun.History;

/// <summary>One life of one node.</summary>
internal sealed record NodeLog(int Node, int Life, long Began)
{
    public List<PlaceEvent> Places { get; } = [];

    /// <summary>Every look at where the node stood, by who looked, in the order of time.</summary>
    public Dictionary<int, List<NodeSight>> Sights { get; } = [];
}
