using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A real node on a real socket, with the waits that tests need. Waits poll a condition and fail after a generous time.</summary>
internal sealed class TestNode : IDisposable
{
    /// <summary>Generous: a busy machine must not fail a test that only waits for something to happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private TestNode(ReplicatedNode node) => Node = node;

    public ReplicatedNode Node { get; }

    /// <summary>The state at this moment. What was logged before it has been written when this returns.</summary>
    public ReplicationInfo Info
    {
        get
        {
            ReplicationInfo info = Node.GetReplicationInfo();
            FlushLog();
            return info;
        }
    }

    public string EndPoint => Info.ListenEndPoints[0];

    public static TestNode Master(Action<ReplicatedCacheOptions>? configure = null, ILoggerFactory? loggers = null, TimeProvider? time = null) =>
        Start(
            options =>
            {
                options.Role = ReplicationRole.Master;
                options.Listen.Add("127.0.0.1:0");
                configure?.Invoke(options);
            },
            loggers,
            time);

    public static TestNode Replica(
        string master,
        Action<ReplicatedCacheOptions>? configure = null,
        ILoggerFactory? loggers = null,
        TimeProvider? time = null,
        IConnector? connector = null) =>
        Start(
            options =>
            {
                options.Master = master;
                configure?.Invoke(options);
            },
            loggers,
            time,
            connector);

    public static TestNode Start(
        Action<ReplicatedCacheOptions> configure, ILoggerFactory? loggers = null, TimeProvider? time = null, IConnector? connector = null)
    {
        var options = new ReplicatedCacheOptions
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(200),
            AckInterval = TimeSpan.FromMilliseconds(100),
            LinkTimeout = TimeSpan.FromSeconds(5),
            ReconnectDelay = TimeSpan.FromMilliseconds(100),

            // Only the tests of recovery wait for it.
            RecoveryWindow = TimeSpan.Zero,
        };
        configure(options);
        var node = new ReplicatedNode(options, time ?? TimeProvider.System, loggers ?? NullLoggerFactory.Instance, connector ?? new TcpConnector());
        try
        {
            node.Start();
        }
        catch
        {
            node.Dispose();
            throw;
        }

        return new TestNode(node);
    }

    public void Set(string key, byte[] value, TimeSpan? relative = null, TimeSpan? sliding = null) =>
        Node.Set(key, new ReadOnlySequence<byte>(value), new WriteExpiration(null, relative, sliding));

    public byte[]? Get(string key) => Node.Get(key);

    /// <summary>Writes <paramref name="count"/> entries <c>{prefix} 0</c>, <c>{prefix} 1</c>, … whose values begin with their number.</summary>
    public TestNode Fill(int count, int valueSize, string prefix = "key")
    {
        var entries = new List<KeyValuePair<string, ReadOnlyMemory<byte>>>(1000);
        for (int i = 0; i < count; i++)
        {
            byte[] value = new byte[Math.Max(valueSize, sizeof(int))];
            BinaryPrimitives.WriteInt32LittleEndian(value, i);
            entries.Add(new($"{prefix} {i}", value));
            if (entries.Count == 1000 || i == count - 1)
            {
                Node.SetMany(entries, default);
                entries.Clear();
            }
        }

        return this;
    }

    public TestNode WaitFor(Func<ReplicationInfo, bool> condition, string what) => WaitUntil(() => condition(Info), () => $"{what}; {Info}");

    public TestNode WaitUntil(Func<bool> condition, Func<string> what)
    {
        Wait(condition, what);
        return this;
    }

    public static void Wait(Func<bool> condition, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"Did not happen within {Patience}: {what()}");
            }

            Thread.Sleep(2);
        }
    }

    public TestNode WaitForStreaming() => WaitFor(info => info.LinkState == ReplicationLinkState.Streaming, "the link streams");

    /// <summary>Waits until this node has all that the other one has now, and fails if the two then differ.</summary>
    public void WaitUntilEqualTo(TestNode other)
    {
        WaitUntil(
            () =>
            {
                ReplicationInfo own = Info;
                ReplicationInfo others = other.Info;
                return own.ReplicationId == others.ReplicationId && own.ReplicationOffset == others.ReplicationOffset;
            },
            () => $"same id and offset: {Info} and {other.Info}");
        Assert.Equal(other.Info.Digest, Info.Digest);
        Assert.Equal(other.Info.EntryCount, Info.EntryCount);
    }

    /// <summary>
    /// As <see cref="WaitUntilEqualTo"/>, and proves in addition that the digests are not just running sums: both nodes are counted and hashed
    /// anew, and every key that an iteration finds is found by a lookup. Nobody may be writing.
    /// </summary>
    public void WaitUntilIdenticalTo(TestNode other)
    {
        WaitUntilEqualTo(other);
        AssertSound();
        other.AssertSound();
    }

    public void AssertSound()
    {
        lock (Node.Core.Gate)
        {
            CacheStore store = Node.Core.Data.Store;
            Assert.Equal(store.Recount(out long count), store.Digest);
            Assert.Equal(count, store.Count);
        }

        foreach ((string key, EntryExpiration expiration) in Entries())
        {
            Assert.True(expiration.Deadline != 0 || Get(key) is not null, "A lookup misses a key that an iteration finds.");
        }
    }

    /// <summary>All keys and when they expire, as an iteration finds them.</summary>
    public Dictionary<string, EntryExpiration> Entries()
    {
        var sink = new EntryCollector();
        SnapshotCursor cursor = Node.Core.Data.Store.CreateSnapshotCursor();
        while (cursor.Read(sink, 1 << 20))
        {
        }

        return sink.Entries;
    }

    /// <summary>Reads something of the core at one moment.</summary>
    public T Peek<T>(Func<NodeCore, T> read)
    {
        T value;
        lock (Node.Core.Gate)
        {
            value = read(Node.Core);
        }

        FlushLog();
        return value;
    }

    /// <summary>Waits until what has been logged so far is written: log messages take a thread of their own.</summary>
    public TestNode FlushLog()
    {
        Node.FlushLog(Patience);
        return this;
    }

    public void Dispose() => Node.Dispose();

    private sealed class EntryCollector : ISnapshotSink
    {
        public Dictionary<string, EntryExpiration> Entries { get; } = [];

        public void Entry(in SnapshotEntry entry) => Entries[KeyCodec.Decode(entry.Key)] = entry.Expiration;
    }
}
