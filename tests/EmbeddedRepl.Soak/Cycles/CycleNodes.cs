using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Soak.Measurement;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Soak.Cycles;

/// <summary>
/// What lives through the whole run: a master, a replica that stays, a proxy in front of each, and a second master with other data. Replicas that come and go are
/// made here, so that they are watched when they are gone.
/// </summary>
internal sealed class CycleNodes : IDisposable
{
    public const string Password = "what the cycles know";

    /// <summary>The address that nodes listen on: a port that the system chooses.</summary>
    public const string AnyPort = "127.0.0.1:0";

    private const int Entries = 300;
    private const int ValueSize = 1_000;
    private const int Keys = 1_000;

    private readonly ErrorLog _log;
    private readonly List<ReplicatedNode> _nodes = [];
    private int _writes;

    public CycleNodes(ErrorLog log, int seed)
    {
        _log = log;
        Master = Start(options => Listening(options).Role = ReplicationRole.Master);
        Other = Start(options => Listening(options).Role = ReplicationRole.Master);
        MasterProxy = new FaultProxy(HostEndPoint.Parse(EndPointOf(Master)), seed);
        SteadyProxy = new FaultProxy(HostEndPoint.Parse(EndPointOf(Master)), seed + 1);
        Steady = Start(options => Listening(options).Master = SteadyProxy.EndPoint.ToString());
        _nodes.AddRange([Steady, Other, Master]);
        for (int i = 0; i < Entries; i++)
        {
            Set(Master, $"key {i}");
            Set(Other, $"other {i}");
        }

        WaitForStreaming(Steady);
    }

    /// <summary>Where everything logs.</summary>
    public ErrorLog Log => _log;

    public ReplicatedNode Master { get; }

    /// <summary>A master with data of another history.</summary>
    public ReplicatedNode Other { get; }

    /// <summary>A replica of the master that stays, and has replicas of its own at times.</summary>
    public ReplicatedNode Steady { get; }

    /// <summary>The way of replicas that come and go to the master, where it can be broken.</summary>
    public FaultProxy MasterProxy { get; }

    /// <summary>The way of the replica that stays.</summary>
    public FaultProxy SteadyProxy { get; }

    /// <summary>An address that the second master listens on at times.</summary>
    public string SecondAddress { get; } = $"127.0.0.1:{FreePort.Next()}";

    /// <summary>What was let go and should be gone.</summary>
    public ObjectCensus Census { get; } = new();

    public static string EndPointOf(ReplicatedNode node) => node.GetReplicationInfo().ListenEndPoints[0];

    public static void WaitFor(ReplicatedNode node, Func<ReplicationInfo, bool> condition, string what) =>
        Patience.Until(() => condition(node.GetReplicationInfo()), () => $"{what}; {node.GetReplicationInfo()}");

    public static void WaitForStreaming(ReplicatedNode node) =>
        WaitFor(node, info => info.LinkState == ReplicationLinkState.Streaming, "the link streams");

    public static void Set(ReplicatedNode node, string key) => node.Set(key, new ReadOnlySequence<byte>(new byte[ValueSize]), default);

    /// <summary>Writes one entry more on the master; the number of keys is bounded.</summary>
    public void Write() => Set(Master, $"key {_writes++ % Keys}");

    /// <summary>A replica that will go, watched from now on.</summary>
    public ReplicatedNode Attach(string master, Action<ReplicatedCacheOptions>? configure = null)
    {
        ReplicatedNode node = Start(options =>
        {
            options.Master = master;
            configure?.Invoke(options);
        });
        Watch(node);
        return node;
    }

    /// <summary>Watches a node that will go, and what it consists of.</summary>
    public void Watch(ReplicatedNode node)
    {
        Census.Watch(node);
        Census.Watch(node.Core);
        Census.Watch(node.Runtime);
        lock (node.Core.Gate)
        {
            Census.Watch(node.Core.Data.Store);
            Census.Watch(node.Core.Upstream);
            Census.Watch(node.Core.Upstream?.Link);
        }
    }

    /// <summary>Watches the sessions that are open at the masters at the moment, except that of the replica that stays.</summary>
    public void WatchSessions()
    {
        RunId steady = Steady.Core.RunId;
        foreach (ReplicatedNode node in _nodes)
        {
            lock (node.Core.Gate)
            {
                foreach (MasterSession session in node.Core.Sessions.Where(session => session.RunId != steady))
                {
                    Census.Watch(session);
                }
            }
        }
    }

    /// <summary>Waits until only what stays is left.</summary>
    public void WaitUntilQuiet()
    {
        WaitForStreaming(Steady);
        Patience.Until(
            () => Master.Runtime.OpenSessions == 1 && Steady.Runtime.OpenSessions == 0 && Other.Runtime.OpenSessions == 0
                && MasterProxy.OpenConnections == 0 && SteadyProxy.OpenConnections == 1,
            () => $"only the replica that stays is connected; open at the master {Master.Runtime.OpenSessions}, at the steady replica {Steady.Runtime.OpenSessions}, "
                + $"at the other master {Other.Runtime.OpenSessions}, in the proxies {MasterProxy.OpenConnections} and {SteadyProxy.OpenConnections}");
        Patience.Until(
            () => Steady.GetReplicationInfo() is var steady && Master.GetReplicationInfo() is var master
                && (steady.ReplicationId, steady.ReplicationOffset) == (master.ReplicationId, master.ReplicationOffset),
            () => $"the replica that stays has everything: {Steady.GetReplicationInfo()}");
        if (Steady.GetReplicationInfo().Digest != Master.GetReplicationInfo().Digest)
        {
            _log.Add("The replica that stays differs from the master.");
        }
    }

    public void Dispose()
    {
        foreach (ReplicatedNode node in _nodes)
        {
            node.Dispose();
        }

        MasterProxy.Dispose();
        SteadyProxy.Dispose();
    }

    private static ReplicatedCacheOptions Listening(ReplicatedCacheOptions options)
    {
        options.Listen.Add(AnyPort);
        return options;
    }

    private ReplicatedNode Start(Action<ReplicatedCacheOptions> configure)
    {
        var options = new ReplicatedCacheOptions
        {
            Password = Password,
            HeartbeatInterval = TimeSpan.FromMilliseconds(200),
            AckInterval = TimeSpan.FromMilliseconds(100),
            HandshakeTimeout = TimeSpan.FromSeconds(1),
            ReconnectDelay = TimeSpan.FromMilliseconds(50),
            RecoveryWindow = TimeSpan.Zero,
            BacklogSize = 64 << 10,
        };
        configure(options);
        var node = new ReplicatedNode(options, TimeProvider.System, _log, new TcpConnector());
        try
        {
            node.Start();
            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }
}
