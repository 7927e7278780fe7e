using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Soak.Load;

/// <summary>A master with a memory limit and a snapshot file, a replica behind a proxy that breaks its link, and a replica below that one. Both replicas forward writes.</summary>
internal sealed class SoakCluster : IDisposable
{
    /// <summary>The most that the data may take on the master, in bytes; what is written is more.</summary>
    public const long MemoryLimit = 16 << 20;

    private readonly TempFolder _folder = new();

    public SoakCluster(ErrorLog log, int seed)
    {
        (string, string)[] shared = [("Listen:0", "127.0.0.1:0"), ("BacklogSize", "262144"), ("ForwardTimeout", "00:00:05")];
        Master = new SoakService(log, [.. shared, ("Role", "Master"), ("MemoryLimit", $"{MemoryLimit}"), ("SnapshotDirectory", _folder["master"]), ("RecoveryWindow", "00:00:00")]);
        Proxy = new FaultProxy(HostEndPoint.Parse(Master.EndPoint), seed);
        Middle = new SoakService(log, [.. shared, ("Master", Proxy.EndPoint.ToString()), ("ReplicaWrites", "Forward"), ("SnapshotDirectory", _folder["middle"])]);
        Leaf = new SoakService(log, [.. shared, ("Master", Middle.EndPoint), ("ReplicaWrites", "Forward")]);
        Leaf.Cache.WaitUntilReady(TimeSpan.FromMinutes(1));
    }

    public SoakService Master { get; }

    public SoakService Middle { get; }

    public SoakService Leaf { get; }

    /// <summary>The way of the middle node to the master.</summary>
    public FaultProxy Proxy { get; }

    public IReadOnlyList<SoakService> All => [Master, Middle, Leaf];

    /// <summary>Heals what was broken and waits until all have the same; null, or in what they differ.</summary>
    public string? Settle()
    {
        Proxy.IsRefusing = false;
        Proxy.Stall(false);
        Proxy.ToClient.BytesPerSecond = 0;
        Patience.Until(
            () => All.Select(service => service.Info).DistinctBy(info => (info.ReplicationId, info.ReplicationOffset)).Count() == 1 && Leaf.Info.LinkState == ReplicationLinkState.Streaming,
            () => "all have the same: " + string.Join('\n', All.Select(service => service.Info)));
        return All.Select(service => service.Info.Digest).Distinct().Count() == 1 ? null : "The nodes differ at the same position.";
    }

    public void Dispose()
    {
        Leaf.Dispose();
        Middle.Dispose();
        Proxy.Dispose();
        Master.Dispose();
        _folder.Dispose();
    }
}
