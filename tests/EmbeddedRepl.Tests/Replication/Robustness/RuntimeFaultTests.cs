using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using EmbeddedRepl.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Tests.Replication.Robustness;

/// <summary>What the loops do when something below or beside them fails in a way that nobody announced.</summary>
public sealed class RuntimeFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Link_ConnectorFailsInAnUnknownWay_IsTriedAgain()
    {
        using var connector = new Connector(call => throw (call == 1 ? new InvalidOperationException("nobody expects this") : new IOException("refused")));
        using ReplicatedNode node = NewReplica(connector, NullLoggerFactory.Instance);
        node.Start();

        Assert.True(connector.WaitForCalls(2), "The link loop died of one failed attempt.");
    }

    [Fact]
    public void Link_LoggerThrows_IsTriedAgain()
    {
        using var connector = new Connector(_ => throw new IOException("refused"));
        using var loggers = new BrokenLoggers();
        using ReplicatedNode node = NewReplica(connector, loggers);
        node.Start();

        Assert.True(connector.WaitForCalls(3), "The link loop died of a log message.");
        Assert.Equal(ReplicationRole.Replica, node.GetReplicationInfo().Role);
    }

    [Fact]
    public void ReplicateFrom_NodeWasStopped_IsRefusedAndConnectsNowhere()
    {
        using var connector = new Connector(_ => throw new IOException("refused"));
        using ReplicatedNode node = NewReplica(connector, NullLoggerFactory.Instance);
        node.Start();
        node.Stop(TimeSpan.Zero);

        Assert.Throws<NodeStoppedException>(() => node.ReplicateFrom("127.0.0.1:2"));
    }

    [Fact]
    public void LinkLoop_DisposedOfByTheClockAndThenByTheNode_IsDisposedOfOnce()
    {
        using var connector = new Connector(_ => throw new IOException("refused"));
        NodeCore core = new(
            new NodeSettings(), EmbeddedRepl.Protocol.RunId.NewId(), SystemNodeRandom.Instance, new NodeLog(NullLogger.Instance, TimeProvider.System),
            TimeProvider.System, new Lock());
        using var runtime = new NodeRuntime(core, connector, TimeProvider.System, NullLogger.Instance);
        LinkLoop loop;
        lock (core.Gate)
        {
            loop = runtime.Follow("127.0.0.1:1", isOrdered: false);
            core.Upstream!.Stop(CloseReason.RoleChanged, runtime.Now());
        }

        loop.Dispose();

        // The node ends now, and still has the loop on its list.
        Assert.Null(Record.Exception(runtime.Dispose));
    }

    [Fact]
    public void LinkLoop_StartedTwice_ConnectsOnceAtATime()
    {
        using var release = new ManualResetEventSlim();
        using var connector = new Connector(_ =>
        {
            release.Wait(Patience);
            throw new IOException("refused");
        });
        NodeCore core = new(
            new NodeSettings(), EmbeddedRepl.Protocol.RunId.NewId(), SystemNodeRandom.Instance, new NodeLog(NullLogger.Instance, TimeProvider.System),
            TimeProvider.System, new Lock());
        using var runtime = new NodeRuntime(core, connector, TimeProvider.System, NullLogger.Instance);
        LinkLoop loop;
        lock (core.Gate)
        {
            loop = runtime.Follow("127.0.0.1:1", isOrdered: false);
        }

        // The node is started and told to follow somebody at the same moment: both start the new loop.
        loop.Start();
        Assert.True(connector.WaitForCalls(1));
        loop.Start();

        Assert.False(connector.WaitForCalls(1, TimeSpan.FromMilliseconds(300)), "Two attempts at a time.");
        release.Set();
    }

    [Fact]
    public void Stop_ReplicasOfferToAMasterThatRecovers_AreNotWaitedFor()
    {
        // They have what it lacks, and are sent nothing.
        CoreNode master = CoreNode.RecoveringMaster(new ManualTimeProvider());
        var replica = new ScriptedReplica(master);
        replica.ShakeHands();
        replica.Ask(ReplicationHistory.None, 0);
        Assert.Equal(ReplicaSessionState.Recovering, replica.Session.State);
        using var connector = new Connector(_ => throw new IOException("refused"));
        using var runtime = new NodeRuntime(master.Core, connector, master.Time, NullLogger.Instance);

        Assert.True(runtime.WaitForReplicas(TimeSpan.Zero));
    }

    private static ReplicatedNode NewReplica(IConnector connector, ILoggerFactory loggers) => new(
        new ReplicatedCacheOptions { Master = "127.0.0.1:1", ReconnectDelay = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, loggers, connector);

    private sealed class Connector(Func<int, IConnection> connect) : IConnector, IDisposable
    {
        private readonly SemaphoreSlim _called = new(0);
        private int _calls;

        public IConnection Connect(HostEndPoint target, TimeSpan timeout, CancellationToken cancellationToken = default)
        {
            int call = Interlocked.Increment(ref _calls);
            _called.Release();
            return connect(call);
        }

        /// <summary>Waits for further calls.</summary>
        public bool WaitForCalls(int count, TimeSpan? patience = null)
        {
            for (int i = 0; i < count; i++)
            {
                if (!_called.Wait(patience ?? Patience))
                {
                    return false;
                }
            }

            return true;
        }

        public void Dispose() => _called.Dispose();
    }

    private sealed class BrokenLoggers : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("The disk of the log is full.");

        public void Dispose()
        {
        }
    }
}
