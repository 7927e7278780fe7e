using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Faults;

/// <summary>A master with some data, a replica, and a proxy between them that damages what passes.</summary>
internal sealed class ProxiedPair : IDisposable
{
    private readonly TraceLog? _log;
    private TestNode? _replica;
    private int _writes;

    public ProxiedPair(int seed, int entries, int valueSize, TraceLog? replicasLog = null)
    {
        _log = replicasLog;
        Master = TestNode.Master(Impatient);
        for (int i = 0; i < entries; i++)
        {
            Master.Set($"k {i}", new byte[valueSize]);
        }

        Proxy = new FaultProxy(HostEndPoint.Parse(Master.EndPoint), seed);
    }

    public TestNode Master { get; }

    public FaultProxy Proxy { get; }

    public TestNode Replica => _replica!;

    /// <summary>Connections that got as far as the master.</summary>
    public long PassedConnections => Proxy.Statistics.Connections - Proxy.Statistics.Refused;

    public TestNode StartReplica() => _replica = TestNode.Replica(Proxy.EndPoint.ToString(), Impatient, _log);

    public void WriteSome(int count)
    {
        for (int i = 0; i < count; i++)
        {
            byte[] value = new byte[100];
            BitConverter.TryWriteBytes(value, ++_writes);
            Master.Set($"k {_writes % 100}", value);
        }
    }

    /// <summary>Writes until something has happened to the link.</summary>
    public void WriteUntil(Func<bool> condition) => Master.WaitUntil(
        () =>
        {
            WriteSome(1);
            return condition();
        },
        () => $"something happens; {Proxy.Statistics}; {Replica.Info}");

    public void WaitUntilEqual() => Replica.WaitForStreaming().WaitUntilEqualTo(Master);

    public void Dispose()
    {
        _replica?.Dispose();
        Proxy.Dispose();
        Master.Dispose();
    }

    private static void Impatient(ReplicatedCacheOptions options)
    {
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
        options.LinkTimeout = TimeSpan.FromSeconds(1);
        options.HandshakeTimeout = TimeSpan.FromSeconds(1);
        options.ReconnectDelay = TimeSpan.FromMilliseconds(20);
    }
}
