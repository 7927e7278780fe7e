using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class AckWaitsTests
{
    /// <summary>Nothing is acknowledged because an interval is over.</summary>
    private static readonly NodeSettings Settings = new() { AckInterval = 60_000, HeartbeatInterval = 600_000, LinkTimeout = 3_600_000 };

    private readonly CoreNode _master = CoreNode.Master(new ManualTimeProvider(), Settings);

    [Fact]
    [Trait("Behaviour", "I1")]
    public void Wait_ForOneOfOne_EndsWithItsAcknowledgement()
    {
        ScriptedReplica replica = Attach();
        _master.Set("key", "value");
        AckWait wait = Begin(1);
        replica.Take();
        Acknowledge(replica, _master.Offset - 1);
        Assert.Equal(AckWaitState.Waiting, wait.State);

        Acknowledge(replica, _master.Offset);

        Assert.Equal((AckWaitState.Reached, 1), (wait.State, wait.Reached));
        Assert.Equal(0, _master.Core.AckWaits.Count);
    }

    [Fact]
    [Trait("Behaviour", "I1")]
    public void Wait_ForTwoOfOne_EndsWithOneAfterTheTimeout()
    {
        ScriptedReplica replica = Attach();
        _master.Set("key", "value");
        AckWait wait = Begin(2, timeout: 500);
        replica.Take();
        Acknowledge(replica, _master.Offset);
        _master.Advance(499);
        Assert.Equal(AckWaitState.Waiting, wait.State);

        _master.Advance(1);

        Assert.Equal((AckWaitState.TimedOut, 1), (wait.State, wait.Reached));
    }

    [Fact]
    [Trait("Behaviour", "I1")]
    public void Wait_ReplicaIsSilent_EndsWithNoneAfterTheTimeoutAndTheNextWithOneWhenItSpeaks()
    {
        ScriptedReplica replica = Attach();
        _master.Set("key", "value");
        AckWait first = Begin(1, timeout: 500);
        _master.Advance(500);
        AckWait second = Begin(1);
        replica.Take();
        Acknowledge(replica, _master.Offset);

        Assert.Equal((AckWaitState.TimedOut, 0), (first.State, first.Reached));
        Assert.Equal((AckWaitState.Reached, 1), (second.State, second.Reached));
    }

    [Fact]
    [Trait("Behaviour", "I1")]
    public void Wait_RealReplicaWithALongAckInterval_IsAcknowledgedAtOnce()
    {
        CoreNode replica = CoreNode.Replica(_master.Time, Settings);
        var pair = new CorePair(_master, replica);
        pair.Pump();
        _master.Advance(100);
        _master.Set("key", "value");
        AckWait wait = Begin(1);
        pair.Pump();
        _master.Advance(2);
        pair.Pump();

        Assert.Equal((AckWaitState.Reached, 1), (wait.State, wait.Reached));
    }

    [Fact]
    public void Wait_ForWhatIsThereAlready_EndsAtOnce()
    {
        Attach();
        Attach();

        Assert.Equal((AckWaitState.Reached, 2), (Begin(0).State, Begin(0).Reached));
        Assert.Equal((AckWaitState.Reached, 2), (Begin(2).State, Begin(2).Reached));
        AckWait three = Begin(3, timeout: 0);
        Assert.Equal((AckWaitState.TimedOut, 2), (three.State, three.Reached));
    }

    [Fact]
    public void Wait_ReplicaIsInItsFullSync_IsNotCountedBeforeItServes()
    {
        _master.Set("key", "value");
        var replica = new ScriptedReplica(_master);
        replica.AskForFullSync();
        AckWait wait = Begin(1);
        replica.Give(new AckFrame(_master.Offset, 1, 0, 0));
        replica.Take();
        Assert.Equal((AckWaitState.Waiting, ReplicaSessionState.Streaming), (wait.State, replica.Session.State));
        replica.Give(new AckFrame(0, 1, 0, 0));
        Assert.Equal(AckWaitState.Waiting, wait.State);

        // All was sent before; only now does the replica say that it serves it.
        Acknowledge(replica, _master.Offset);

        Assert.Equal((AckWaitState.Reached, 1), (wait.State, wait.Reached));
    }

    [Fact]
    public void Ack_OfAReplicaThatLoads_SaysThatItHoldsNothing()
    {
        _master.Set("key", new byte[300_000]);
        CoreNode replica = CoreNode.Replica(_master.Time, Settings);
        var pair = new CorePair(_master, replica);
        while (pair.Link.State != ReplicationLinkState.ReceivingSnapshot)
        {
            pair.Step();
        }

        _master.Set("more", "value");
        _master.Advance(60_000);
        pair.Step();
        pair.Step();
        Assert.Equal((ReplicaSessionState.SendingSnapshot, 0), (pair.Session.State, pair.Session.AckedOffset));
        pair.Pump();

        Assert.Equal(_master.Offset, pair.Session.AckedOffset);
    }

    [Fact]
    [Trait("Behaviour", "I1")]
    public void Wait_ForTwo_OneReplicaThatCameBackWhileItsOldConnectionHangs_IsOne()
    {
        _master.Set("key", "value");
        CoreNode replica = CoreNode.Replica(_master.Time, Settings);
        var old = new CorePair(_master, replica);
        old.Pump();
        _master.Advance(100);
        old.Pump();
        replica.Core.Upstream!.Link!.Close(CloseReason.Silence, "Nothing was heard.", replica.Now);
        new CorePair(_master, replica, 1).Pump();

        Assert.Equal((AckWaitState.Waiting, AckWaitState.Reached), (Begin(2).State, Begin(1).State));
    }

    [Fact]
    [Trait("Behaviour", "I2")]
    public void Wait_OnAReplica_IsAClearError()
    {
        CoreNode replica = CoreNode.Replica(_master.Time);

        NotMasterException exception = Assert.Throws<NotMasterException>(() => replica.Core.WaitForAcks(NewWait(replica, 0, 0), replica.Now));
        Assert.Contains("master:6390", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "D9")]
    public void Wait_MasterIsDemoted_IsReleasedWithThatReason()
    {
        Attach();
        _master.Set("key", "value");
        AckWait one = Begin(1);
        AckWait two = Begin(2);

        _master.Follow();

        Assert.Equal((AckWaitState.Demoted, AckWaitState.Demoted, 0), (one.State, two.State, _master.Core.AckWaits.Count));
    }

    [Fact]
    [Trait("Behaviour", "D9")]
    public void Wait_NodeStops_IsReleasedAndTheNextOneRefused()
    {
        Attach();
        _master.Set("key", "value");
        AckWait wait = Begin(1);

        _master.Core.Stop(_master.Now);

        Assert.Equal(AckWaitState.Stopped, wait.State);
        Assert.Throws<NodeStoppedException>(() => Begin(1));
    }

    [Fact]
    public void Cancel_WaitInTheMiddle_LeavesTheOthers()
    {
        ScriptedReplica replica = Attach();
        AckWait[] waits = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            _master.Set("key", "value");
            return Begin(1);
        })];
        _master.Core.AckWaits.Cancel(waits[1]);
        _master.Core.AckWaits.Cancel(waits[1]);
        replica.Take();
        Acknowledge(replica, _master.Offset);

        Assert.Equal([AckWaitState.Reached, AckWaitState.Cancelled, AckWaitState.Reached], waits.Select(wait => wait.State));
    }

    [Fact]
    public void Begin_BeyondTheLimit_IsRefusedUntilSomeHaveEnded()
    {
        for (int i = 0; i < AckWaits.Capacity; i++)
        {
            Begin(1, timeout: 100);
        }

        Assert.Throws<ReplicatedCacheException>(() => Begin(1));
        _master.Advance(100);
        Assert.Equal((AckWaitState.Waiting, 1), (Begin(1).State, _master.Core.AckWaits.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomWork_Always_EndsExactlyTheWaitsThatAreReachedOrOver(int seed)
    {
        var random = new Random(seed);
        ScriptedReplica[] replicas = [.. Enumerable.Range(0, 4).Select(_ => Attach())];
        var waits = new List<(AckWait Wait, long Begun)>();
        for (int i = 0; i < 3_000; i++)
        {
            switch (random.Next(4))
            {
                case 0:
                    _master.Set("key", "value");
                    break;
                case 1:
                    waits.Add((Begin(random.Next(6), random.Next(2) == 0 ? null : random.Next(50)), _master.Now.Milliseconds));
                    break;
                case 2:
                    ScriptedReplica replica = replicas[random.Next(replicas.Length)];
                    replica.Take();
                    Acknowledge(replica, random.NextInt64(replica.Session.AckedOffset, _master.Offset + 1));
                    break;
                default:
                    _master.Advance(random.Next(10));
                    break;
            }

            int waiting = 0;
            foreach ((AckWait wait, _) in waits)
            {
                int reached = replicas.Count(replica => replica.Session.AckedOffset >= wait.Offset);
                if (wait.State == AckWaitState.Waiting)
                {
                    waiting++;
                    Assert.True(reached < wait.Count && wait.Deadline > _master.Now.Milliseconds);
                }
                else
                {
                    Assert.InRange(wait.Reached, wait.State == AckWaitState.Reached ? wait.Count : 0, reached);
                    Assert.True(wait.State == AckWaitState.Reached || (wait.Reached < wait.Count && wait.Deadline <= _master.Now.Milliseconds));
                }
            }

            Assert.Equal(waiting, _master.Core.AckWaits.Count);
            waits.RemoveAll(wait => wait.Wait.State != AckWaitState.Waiting && wait.Begun < _master.Now.Milliseconds - 100);
        }
    }

    private static void Acknowledge(ScriptedReplica replica, long offset) => replica.Give(new AckFrame(offset, 1, 0, 0));

    private static AckWait NewWait(CoreNode node, int count, long deadline) => new(node.Offset, count, deadline, static _ => { });

    private AckWait Begin(int count, long? timeout = null)
    {
        AckWait wait = NewWait(_master, count, timeout is { } time ? _master.Now.Milliseconds + time : long.MaxValue);
        _master.Core.WaitForAcks(wait, _master.Now);
        return wait;
    }

    private ScriptedReplica Attach()
    {
        var replica = new ScriptedReplica(_master);
        replica.BeginStreaming();
        return replica;
    }
}
