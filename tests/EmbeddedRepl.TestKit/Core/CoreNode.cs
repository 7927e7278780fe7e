using System.Buffers;
using System.Text;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>
/// The core of a node in the hands of one test thread, on a manual clock. The gate is entered once and never left, since nobody
/// else is there; so a node must be used by the thread that made it.
/// </summary>
internal sealed class CoreNode
{
    public CoreNode(ManualTimeProvider time, NodeSettings? settings = null, int seed = 1)
    {
        Time = time;
        var gate = new Lock();
        gate.Enter();
        Core = new NodeCore(settings ?? new NodeSettings(), RunIdOf(seed), new SeededNodeRandom(seed), Events, time, gate);
    }

    public ManualTimeProvider Time { get; }

    public NodeCore Core { get; }

    public RecordedEvents Events { get; } = new();

    public CountingSignal ConnectSignal { get; } = new();

    public Moment Now => Moment.From(Time);

    public long Offset => Core.Data.Offset;

    public StoreDigest Digest => Core.Data.Store.Digest;

    public NodeCounters Counters => Core.Counters;

    public static CoreNode Master(ManualTimeProvider time, NodeSettings? settings = null, int seed = 1)
    {
        var node = new CoreNode(time, settings, seed);
        node.Core.BeginAsMaster();
        node.Core.Tick(node.Now);
        return node;
    }

    public static CoreNode Replica(ManualTimeProvider time, NodeSettings? settings = null, int seed = 2)
    {
        var node = new CoreNode(time, settings, seed);
        node.Follow();
        node.Core.Tick(node.Now);
        return node;
    }

    /// <summary>A master that was started without data and asks its replicas first.</summary>
    public static CoreNode RecoveringMaster(ManualTimeProvider time, NodeSettings? settings = null, int seed = 1)
    {
        var node = new CoreNode(time, settings, seed);
        node.BeginRecovery();
        return node;
    }

    /// <summary>Starts as a master with what the node holds, as from a file, and asks its replicas first.</summary>
    public void BeginRecovery()
    {
        Core.Upstream?.Stop(CloseReason.RoleChanged, Now);
        Core.BeginAsRecoveringMaster(Now);
        Core.BeginListening(Now);
        Core.Tick(Now);
    }

    /// <summary>A run id that a seed names.</summary>
    public static RunId RunIdOf(int seed)
    {
        Span<byte> bytes = stackalloc byte[RunId.Size];
        bytes.Fill((byte)seed);
        return new RunId(bytes);
    }

    public ReplicaLinkKeeper Follow(bool isOrdered = false, string master = "master:6390") => Core.BeginAsReplica(master, isOrdered, ConnectSignal, Now);

    public void Set(string key, byte[] value, EntryExpiration expiration = default) =>
        Core.Set(Key(key), new ReadOnlySequence<byte>(value), expiration);

    public void Set(string key, string value) => Set(key, Encoding.UTF8.GetBytes(value));

    public void Remove(string key) => Core.Remove(Key(key));

    /// <summary>The value, or null.</summary>
    public byte[]? Get(string key)
    {
        Core.Data.Store.Get(key, out byte[]? value);
        return value;
    }

    /// <summary>The version of an entry; none if there is no such entry.</summary>
    public EntryVersion VersionOf(string key) => Core.Data.Store.VersionOf(Key(key));

    public string? GetText(string key) => Get(key) is { } value ? Encoding.UTF8.GetString(value) : null;

    /// <summary>Lets time pass, for this node alone or the last of several that share a clock.</summary>
    public void Advance(long milliseconds)
    {
        Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Core.Tick(Now);
    }

    private StoreKey Key(string key) => Core.Data.Store.MakeKey(Encoding.UTF8.GetBytes(key));
}
