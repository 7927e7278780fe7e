using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using EmbeddedRepl.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Tests.Replication.Roles;

[Trait("Behaviour", "D11")]
public sealed class NoticesTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CapturedLog _log = new();
    private readonly Collected _collected = new();
    private readonly NodeLog _node;

    public NoticesTests() => _node = new NodeLog(
        NullLogger.Instance, TimeProvider.System, new ReplicationNotices(_collected, TimeProvider.System, ReplicationRole.Replica));

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Role_ThatTheNodeBeginsWithOrKeeps_IsNoEvent()
    {
        _node.RoleChanged(ReplicationRole.Replica, Histories.Id(1), 5);
        _node.RoleChanged(ReplicationRole.Master, Histories.Id(2), 6);
        _node.RoleChanged(ReplicationRole.Replica, Histories.Id(2), 7);
        _node.RoleChanged(ReplicationRole.Replica, Histories.Id(2), 8);

        Assert.Equal(
            [(ReplicationRole.Master, Histories.Id(2), 6L, 1L), (ReplicationRole.Replica, Histories.Id(2), 7L, 2L)],
            _collected.Notices.Cast<RoleChangedEventArgs>().Select(args => (args.Role, args.ReplicationId, args.ReplicationOffset, args.SequenceNumber)));
    }

    [Fact]
    public void Link_FailedAttempts_AreNoEventAndEachEndOfALinkIsOne()
    {
        _node.LinkDown("m:1", CloseReason.ConnectionLost, "refused", 0);
        _node.LinkUp("m:1", Histories.Id(1), 5);
        _node.LinkDown("m:1", CloseReason.Silence, "gone", 0);
        _node.LinkDown("m:1", CloseReason.ConnectionLost, "refused", 0);
        _node.LinkUp("m:1", Histories.Id(1), 9);
        _node.LinkStopped("m:1", CloseReason.RoleChanged, wasUp: true);
        _node.LinkStopped("m:2", CloseReason.RoleChanged, wasUp: false);

        Assert.Equal(["LinkUp", "LinkDown retry", "LinkUp", "LinkDown"], _collected.Notices.Select(Describe));
    }

    [Fact]
    public void Replica_AttachedAndLeft_AreOneEventEach()
    {
        _node.SessionOpened("r:1");
        _node.ReplicaStreaming("r:1", 5);
        _node.SessionClosed("r:1", CloseReason.Silence, "gone");
        _node.ReplicaLeft("r:1", 9, CloseReason.Silence, "gone");
        _node.SessionClosed("r:2", CloseReason.HandshakeRefused, "wrong");

        Assert.Equal(["ReplicaAttached", "ReplicaLeft"], _collected.Notices.Select(Describe));
        Assert.Equal(9, ((ReplicaLeftEventArgs)_collected.Notices[1]).AcknowledgedOffset);
    }

    [Fact]
    public void Core_PromotedWhileItsLinkIsUpAndReplicasAreAttached_TellsTheEndOfTheLinkOnce()
    {
        var time = new ManualTimeProvider();
        CoreNode master = CoreNode.Master(time);
        CoreNode replica = CoreNode.Replica(time);
        CoreNode leaf = CoreNode.Replica(time, seed: 3);
        var pair = new CorePair(master, replica);
        pair.Pump();
        var lower = new CorePair(replica, leaf);
        lower.Pump();
        replica.Core.Promote(force: false, replica.Now);
        lower.Break();

        Assert.Equal(
            ["RoleChanged", "LinkUp", "ReplicaStreaming", "LinkStopped", "RoleChanged", "ReplicaLeft"],
            replica.Events.Lines.Select(line => line.Split(' ')[0])
                .Where(name => name is "RoleChanged" or "LinkUp" or "LinkDown" or "LinkStopped" or "ReplicaStreaming" or "ReplicaLeft"));
    }

    [Fact]
    public void Dispatcher_HandlerThatBlocks_HoldsUpOnlyLaterEventsAndTheOldestAreLeftOut()
    {
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var delivered = new List<string>();
        using var dispatcher = new EventDispatcher(_log.CreateLogger("cache"));
        dispatcher.Start(notice =>
        {
            entered.Set();
            release.Wait(Patience);
            lock (delivered)
            {
                delivered.Add(((ReplicaAttachedEventArgs)notice).Replica);
            }
        });
        dispatcher.Add(Attached(0));
        Assert.True(entered.Wait(Patience));
        for (int i = 1; i <= EventDispatcher.Limit + 3; i++)
        {
            dispatcher.Add(Attached(i));
        }

        Assert.Equal(3, dispatcher.LeftOut);
        Assert.Equal(1, _log.Lines.Count(line => line.StartsWith("Warning 1813", StringComparison.Ordinal)));
        release.Set();
        Assert.True(SpinWait.SpinUntil(() => Count() == EventDispatcher.Limit + 1, Patience));
        Assert.Equal(["r:0", "r:4", "r:5"], delivered.Take(3));
        Assert.Equal($"r:{EventDispatcher.Limit + 3}", delivered[^1]);

        int Count()
        {
            lock (delivered)
            {
                return delivered.Count;
            }
        }
    }

    [Fact]
    public void Dispatcher_DisposedOf_DeliversWhatHappenedBeforeAndNothingAfter()
    {
        int delivered = 0;
        var dispatcher = new EventDispatcher(_log.CreateLogger("cache"));
        dispatcher.Add(Attached(0));
        dispatcher.Start(_ => Interlocked.Increment(ref delivered));
        for (int i = 0; i < 100; i++)
        {
            dispatcher.Add(Attached(i));
        }

        dispatcher.Dispose();
        dispatcher.Add(Attached(200));

        Assert.Equal(100, delivered);
    }

    [Fact]
    public void Dispatcher_DisposedOfByAHandler_DoesNotHang()
    {
        using var done = new ManualResetEventSlim();
        var dispatcher = new EventDispatcher(_log.CreateLogger("cache"));
        dispatcher.Start(_ =>
        {
            dispatcher.Dispose();
            done.Set();
        });
        dispatcher.Add(Attached(0));

        Assert.True(done.Wait(Patience));
    }

    private static ReplicaAttachedEventArgs Attached(int number) => new() { Replica = $"r:{number}" };

    private static string Describe(ReplicationEventArgs notice) => notice switch
    {
        LinkUpEventArgs => "LinkUp",
        LinkDownEventArgs { IsRetrying: true } => "LinkDown retry",
        LinkDownEventArgs => "LinkDown",
        ReplicaAttachedEventArgs => "ReplicaAttached",
        ReplicaLeftEventArgs => "ReplicaLeft",
        _ => notice.GetType().Name,
    };

    private sealed class Collected : INoticeQueue
    {
        public List<ReplicationEventArgs> Notices { get; } = [];

        public void Add(ReplicationEventArgs notice) => Notices.Add(notice);
    }
}
