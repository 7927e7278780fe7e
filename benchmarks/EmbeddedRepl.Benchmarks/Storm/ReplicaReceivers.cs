using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Benchmarks.Storm;

/// <summary>Real replicas: each builds the whole data set in memory of its own.</summary>
internal sealed class ReplicaReceivers(string master, int count) : IReceivers
{
    private readonly List<ServiceProvider> _nodes = [];

    public int Streaming => Infos.Count(info => info.LinkState == ReplicationLinkState.Streaming);

    public long Offset => Infos.Min(info => info.ReplicationOffset);

    private IEnumerable<ReplicationInfo> Infos => _nodes.Select(node => node.GetRequiredService<IReplicatedCache>().GetReplicationInfo());

    public void Restart()
    {
        Dispose();
        for (int i = 0; i < count; i++)
        {
            ServiceProvider node = new ServiceCollection().AddReplicatedCache(options => options.Master = master).Services.BuildServiceProvider();
            node.GetRequiredService<IReplicatedCache>();
            _nodes.Add(node);
        }
    }

    public string? FindDifference(string expected)
    {
        string[] wrong = [.. Infos.Select(info => info.Digest).Where(digest => digest != expected)];
        return wrong.Length == 0 ? null : $"{wrong.Length} digests differ from {expected}";
    }

    public void Dispose()
    {
        _nodes.ForEach(node => node.Dispose());
        _nodes.Clear();
        GC.Collect();
    }
}
