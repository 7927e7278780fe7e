using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class StalenessTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    [Trait("Behaviour", "M1")]
    public void Replica_ThatIsCurrent_IsAsStaleAsItsLastHeartbeatIsOld()
    {
        CoreNode master = CoreNode.Master(_time);
        master.Set("key", "value");
        CoreNode replica = CoreNode.Replica(_time);
        Assert.Null(Of(replica));
        Assert.Null(Of(master));
        var pair = new CorePair(master, replica);
        pair.Pump();
        Heartbeat(master, pair);
        Assert.Equal(TimeSpan.Zero, Of(replica));

        _time.Advance(TimeSpan.FromSeconds(3));
        master.Set("key", "changed");
        pair.Pump();

        // A piece of stream proves nothing: there may be more behind it.
        Assert.Equal(TimeSpan.FromSeconds(3), Of(replica));
        Assert.True(replica.Core.Staleness.IsWithin(3_000, replica.Now.Milliseconds));
        Assert.False(replica.Core.Staleness.IsWithin(2_999, replica.Now.Milliseconds));
        Heartbeat(master, pair);
        Assert.Equal(TimeSpan.Zero, Of(replica));
        Assert.Null(Of(master));
        Assert.True(master.Core.Staleness.IsWithin(0, master.Now.Milliseconds));
    }

    [Fact]
    [Trait("Behaviour", "M1")]
    public void Replica_ItsLinkDown_GrowsStaleFromWhatItWasLastKnownToHave()
    {
        CoreNode master = CoreNode.Master(_time);
        CoreNode replica = CoreNode.Replica(_time);
        var pair = new CorePair(master, replica);
        pair.Pump();
        Heartbeat(master, pair);
        pair.Break();
        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(TimeSpan.FromMinutes(5), Of(replica));
        pair = new CorePair(master, replica);
        pair.Pump();
        Heartbeat(master, pair);
        Assert.Equal(TimeSpan.Zero, Of(replica));
    }

    [Fact]
    [Trait("Behaviour", "M2")]
    public void Replica_ThatLags_IsAsStaleAsTheLastHeartbeatIsOldWhoseContentItHas()
    {
        (CoreNode node, ScriptedMaster master, byte[] record) = Streaming();
        Give(master, end: 0);
        Seconds(2);
        Give(master, end: record.Length);
        Seconds(3);
        Give(master, end: 2 * record.Length);
        Seconds(4);

        Assert.Equal(TimeSpan.FromSeconds(9), Of(node));
        master.GiveStream(0, record);
        Assert.Equal(TimeSpan.FromSeconds(7), Of(node));
        Seconds(1);
        master.GiveStream(record.Length, record);
        Assert.Equal(TimeSpan.FromSeconds(5), Of(node));
    }

    [Fact]
    [Trait("Behaviour", "M3")]
    public void Heartbeats_ThatWaitedInTheSocketOfAFrozenReplica_DoNotMakeItLookFresh()
    {
        (CoreNode node, ScriptedMaster master, _) = Streaming();
        Give(master, end: 0);
        long sent = node.Now.UtcMilliseconds;
        Seconds(60);
        for (int i = 1; i <= 5; i++)
        {
            master.Give(new HeartbeatFrame(sent + (10_000 * i), 0, null));
        }

        Assert.Equal(TimeSpan.FromSeconds(10), Of(node));
    }

    [Theory]
    [Trait("Behaviour", "M3")]
    [InlineData(3_600_000)]
    [InlineData(-3_600_000)]
    public void MastersClock_ThatIsSet_IsForgottenAfterAsManyHeartbeatsAsAreCompared(long step)
    {
        (CoreNode node, ScriptedMaster master, _) = Streaming();
        Give(master, end: 0);
        for (int i = 0; i < StalenessClock.DelayWindow; i++)
        {
            Seconds(10);
            master.Give(new HeartbeatFrame(node.Now.UtcMilliseconds + step, 0, null));
        }

        Assert.Equal(TimeSpan.Zero, Of(node));
    }

    [Fact]
    [Trait("Behaviour", "M2")]
    public void Heartbeats_MoreThanAreKept_OverstateTheStalenessUntilThereIsRoom()
    {
        var clock = new StalenessClock();
        clock.Follow();
        for (int i = 1; i <= StalenessClock.MarkCapacity + 10; i++)
        {
            clock.HeartbeatReceived(i * 1_000, i, new Moment(i * 1_000, i * 1_000));
        }

        clock.Applied(1_000);
        Assert.Equal(TimeSpan.FromSeconds(10), clock.At((StalenessClock.MarkCapacity + 10) * 1_000));
    }

    [Fact]
    [Trait("Behaviour", "M5")]
    public void FullSync_FromAnotherMaster_IsAsStaleAsItsBeginningIsOldUntilTheNextHeartbeat()
    {
        CoreNode first = CoreNode.Master(_time, seed: 11);
        CoreNode replica = CoreNode.Replica(_time);
        var pair = new CorePair(first, replica);
        pair.Pump();
        Heartbeat(first, pair);
        pair.Break();
        Seconds(100);

        // As long as the data is the old one, so is its age.
        CoreNode second = CoreNode.Master(_time, seed: 12);
        second.Set("key", "value");
        replica.Follow(isOrdered: true);
        Assert.Equal(TimeSpan.FromSeconds(100), Of(replica));
        pair = new CorePair(second, replica);
        while (pair.Link.State != ReplicationLinkState.ReceivingSnapshot)
        {
            pair.Step();
        }

        Seconds(7);
        pair.Pump();
        Assert.Equal(ReplicationLinkState.Streaming, pair.Link.State);
        Assert.Equal(TimeSpan.FromSeconds(7), Of(replica));
    }

    [Fact]
    [Trait("Behaviour", "M5")]
    public void Roles_Changed_AMasterIsNeverStaleAndADemotedOneIsNotKnownToBeCurrent()
    {
        CoreNode master = CoreNode.Master(_time);
        CoreNode replica = CoreNode.Replica(_time);
        var pair = new CorePair(master, replica);
        pair.Pump();
        Heartbeat(master, pair);
        replica.Core.Promote(force: false, replica.Now);
        Seconds(50);
        Assert.Null(Of(replica));
        Assert.True(replica.Core.Staleness.IsWithin(0, replica.Now.Milliseconds));

        replica.Follow(isOrdered: true);
        Assert.Null(Of(replica));
        Assert.False(replica.Core.Staleness.IsWithin(long.MaxValue, replica.Now.Milliseconds));
    }

    private (CoreNode Node, ScriptedMaster Master, byte[] Record) Streaming()
    {
        CoreNode node = CoreNode.Master(_time, seed: 4);
        node.Follow(isOrdered: true);
        ReplicationHistory history = node.Core.Data.History;
        var master = new ScriptedMaster(node);
        master.ShakeHands();
        master.Give(new ContinueFrame(history.Id, 0, history.OriginId, []));
        CoreNode writer = CoreNode.Master(new ManualTimeProvider(), seed: 9);
        StreamCursor cursor = writer.Core.Data.Log.OpenCursor(0);
        writer.Set("key", new byte[50]);
        Assert.True(cursor.TryLease(int.MaxValue, long.MaxValue, out StreamLease lease));
        return (node, master, lease.Bytes.ToArray());
    }

    /// <summary>One that is on its way for no time.</summary>
    private static void Give(ScriptedMaster master, long end) => master.Give(new HeartbeatFrame(master.Node.Now.UtcMilliseconds, end, null));

    private static void Heartbeat(CoreNode master, CorePair pair)
    {
        // The session's own interval is over, so that a heartbeat is due; the clock of the staleness goes on with it.
        Assert.True(pair.Session.State == ReplicaSessionState.Streaming);
        master.Advance(master.Core.Settings.HeartbeatInterval);
        pair.Pump();
    }

    private void Seconds(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private static TimeSpan? Of(CoreNode node) => new ReplicationInfoBuilder(node.Core, node.Now).Build([]).Staleness;
}
