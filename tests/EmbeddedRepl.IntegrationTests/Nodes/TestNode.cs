using System.Buffers;
using System.Diagnostics;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A real node on a real socket, with the waits that tests need. Waits poll a condition and fail after a generous time.</summary>
internal sealed class TestNode : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private TestNode(ReplicatedNode node) => Node = node;

    public ReplicatedNode Node { get; }

    public ReplicationInfo Info => Node.GetReplicationInfo();

    public string EndPoint => Info.ListenEndPoints[0];

    public static TestNode Master(Action<ReplicatedCacheOptions>? configure = null, ILoggerFactory? loggers = null) =>
        Start(
            options =>
            {
                options.Role = ReplicationRole.Master;
                options.Listen.Add("127.0.0.1:0");
                configure?.Invoke(options);
            },
            loggers);

    public static TestNode Replica(string master, Action<ReplicatedCacheOptions>? configure = null, ILoggerFactory? loggers = null) =>
        Start(
            options =>
            {
                options.Master = master;
                configure?.Invoke(options);
            },
            loggers);

    public static TestNode Start(Action<ReplicatedCacheOptions> configure, ILoggerFactory? loggers = null)
    {
        var options = new ReplicatedCacheOptions
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(200),
            AckInterval = TimeSpan.FromMilliseconds(100),
            LinkTimeout = TimeSpan.FromSeconds(5),
            ReconnectDelay = TimeSpan.FromMilliseconds(100),
        };
        configure(options);
        var node = new ReplicatedNode(options, TimeProvider.System, loggers ?? NullLoggerFactory.Instance);
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

    public TestNode WaitFor(Func<ReplicationInfo, bool> condition, string what) => WaitUntil(() => condition(Info), () => $"{what}; {Info}");

    public TestNode WaitUntil(Func<bool> condition, Func<string> what)
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

        return this;
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

    public void Dispose() => Node.Dispose();
}
