using System.Collections.Concurrent;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A write by itself is sent by its caller, which saves waking a thread; but never if the caller might have to wait for the replica.</summary>
public sealed class CallersSendTests
{
    private const int Attempts = 200;

    [Fact]
    public void Set_QuietReplica_IsSentByItsCaller()
    {
        using var cluster = new WatchedCluster();

        // A heartbeat may have been sent just before; sooner or later a write meets quiet.
        Assert.True(cluster.CallerSends(new byte[100]), "Not one of the writes was sent by its caller.");
        cluster.AssertEqual();
    }

    [Fact]
    public void Set_LargeValue_IsLeftToTheSender()
    {
        using var cluster = new WatchedCluster();

        Assert.False(cluster.CallerSends(new byte[5_000]), "The caller sent what may fill the connection.");
        cluster.AssertEqual();
    }

    [Fact]
    public void Set_ConnectionTakesNothingNow_IsLeftToTheSender()
    {
        using var cluster = new WatchedCluster();
        cluster.TakesBytesNow = false;

        Assert.False(cluster.CallerSends(new byte[100]), "The caller waited for the connection.");
        cluster.AssertEqual();
    }

    /// <summary>A master and a replica, and which threads write to their connection.</summary>
    private sealed class WatchedCluster : IDisposable
    {
        private readonly ConcurrentDictionary<int, bool> _writers = new();
        private readonly TestNode _master = TestNode.Master();
        private readonly TestListener _listener;
        private readonly TestNode _replica;

        public WatchedCluster()
        {
            _listener = new TestListener(connection => _master.Node.Runtime.RunSession(new WatchedConnection(connection, this)));
            _replica = TestNode.Replica(_listener.EndPoint.ToString()).WaitForStreaming();
        }

        public bool TakesBytesNow { get; set; } = true;

        /// <summary>Writes now and then, until a write was sent by this thread.</summary>
        public bool CallerSends(byte[] value)
        {
            for (int i = 0; i < Attempts && !_writers.ContainsKey(Environment.CurrentManagedThreadId); i++)
            {
                Thread.Sleep(1);
                _master.Set("key", value);
            }

            return _writers.ContainsKey(Environment.CurrentManagedThreadId);
        }

        public void AssertEqual() => _replica.WaitUntilEqualTo(_master);

        public void Dispose()
        {
            _replica.Dispose();
            _listener.Dispose();
            _master.Dispose();
        }

        private sealed class WatchedConnection(IConnection inner, WatchedCluster cluster) : PassingConnection(inner)
        {
            public override bool TakesBytesNow => cluster.TakesBytesNow && base.TakesBytesNow;

            public override void Write(ReadOnlySpan<byte> source)
            {
                cluster._writers[Environment.CurrentManagedThreadId] = true;
                base.Write(source);
            }
        }
    }
}
