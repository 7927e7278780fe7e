using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using static EmbeddedRepl.Tests.Replication.Forwarding.ForwardingSteps;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>Until when a caller waits who wants a node to have a position.</summary>
public sealed class PositionWaitsTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;

    public PositionWaitsTests()
    {
        _master = CoreNode.Master(_time);
        _master.Set("old", "value");
        _replica = CoreNode.Replica(_time);
    }

    [Fact]
    [Trait("Behaviour", "P1")]
    public void Wait_ForWhatIsThere_EndsAtOnceAlsoWithoutTime()
    {
        Connect(_master, _replica);

        Assert.Equal(PositionWaitState.Reached, TestPositionWait.On(_replica, Written(), timeout: 0).State);
        Assert.Equal(PositionWaitState.Reached, TestPositionWait.On(_master, Written(), timeout: 0).State);
        Assert.Equal(PositionWaitState.Reached, TestPositionWait.On(CoreNode.Replica(_time), default, timeout: 0).State);
        Assert.Equal(0, _replica.Core.PositionWaits.Count);
    }

    [Fact]
    [Trait("Behaviour", "P1")]
    public void Wait_ForAWriteThatIsOnItsWay_EndsWithItAndNotBefore()
    {
        CorePair link = Connect(_master, _replica);
        _master.Set("first", "value");
        StreamPosition first = Written();
        _master.Set("second", new byte[100]);
        TestPositionWait second = TestPositionWait.On(_replica, Written());
        TestPositionWait wait = TestPositionWait.On(_replica, first);
        Assert.Equal((PositionWaitState.Waiting, PositionWaitState.Waiting), (wait.State, second.State));

        // Piece by piece: whoever is released reads what it waited for.
        link.PieceSize = 10;
        link.Between = () =>
        {
            Assert.Equal(_replica.GetText("first") is not null, wait.State == PositionWaitState.Reached);
            Assert.Equal(_replica.Get("second") is not null, second.State == PositionWaitState.Reached);
        };
        link.Pump();

        Assert.Equal((1, 1, 0), (wait.Ends, second.Ends, _replica.Core.PositionWaits.Count));
        Assert.Equal(long.MaxValue, _replica.Core.PositionWaits.NextOffset);
    }

    [Fact]
    [Trait("Behaviour", "P1")]
    public void Wait_DuringAFullSync_CountsWhatIsServed()
    {
        for (int i = 0; i < 20; i++)
        {
            _master.Set($"key {i}", new byte[20_000]);
        }

        StreamPosition position = Written();
        TestPositionWait wait = TestPositionWait.On(_replica, position);
        var link = new CorePair(_master, _replica);
        bool hasLoaded = false;
        link.Between = () =>
        {
            hasLoaded |= link.Link.State == ReplicationLinkState.ReceivingSnapshot;
            Assert.Equal(_replica.Get("key 19") is not null, wait.State == PositionWaitState.Reached);
        };
        link.Pump();

        Assert.Equal((true, PositionWaitState.Reached), (hasLoaded, wait.State));
    }

    [Fact]
    [Trait("Behaviour", "P1")]
    public void Position_OfANodeThatWasPromotedOrRestarted_IsKnownToNodesThatHaveNotHeardOfIt()
    {
        Connect(_master, _replica);
        CoreNode sibling = CoreNode.Replica(_time, seed: 3);
        Connect(_master, sibling);
        _replica.Core.Promote(force: false, _replica.Now);

        // Nothing was written under the new id, so the sibling has all of it, and need not hear of the id for that.
        Assert.Equal(PositionWaitState.Reached, TestPositionWait.On(sibling, _replica.Core.Data.Position).State);
        _replica.Set("new", "value");
        Assert.Equal(new StreamPosition(_replica.Core.Data.History.Id, _replica.Offset), _replica.Core.Data.Position);
        Assert.Equal(PositionWaitState.Waiting, TestPositionWait.On(sibling, _replica.Core.Data.Position).State);
    }

    [Fact]
    [Trait("Behaviour", "P1")]
    public void Position_AfterManyChangesOfIdWithoutAWrite_IsStillKnownAfterSomeMore()
    {
        for (int i = 0; i < 3 * ReplicationHistory.MaxAncestors; i++)
        {
            _master.Core.TakeHistory(_master.Core.Data.History.Continue(_master.Core.NewReplicationId(), _master.Offset, AncestorEnd.Restart));
        }

        StreamPosition position = _master.Core.Data.Position;
        for (int i = 0; i < ReplicationHistory.MaxAncestors / 2; i++)
        {
            _master.Core.TakeHistory(_master.Core.Data.History.Continue(_master.Core.NewReplicationId(), _master.Offset, AncestorEnd.Restart));
        }

        Assert.Equal(PositionWaitState.Reached, TestPositionWait.On(_master, position).State);
    }

    [Fact]
    [Trait("Behaviour", "P1")]
    public void Wait_UnderAnIdThatIsNotKnown_EndsWhenItIsKnownAndReached()
    {
        Connect(_master, _replica);
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        CorePair link = Connect(_replica, leaf);
        _replica.Core.Promote(force: false, _replica.Now);
        _replica.Set("new", "value");
        TestPositionWait wait = TestPositionWait.On(leaf, _replica.Core.Data.Position);
        Assert.Equal(PositionWaitState.Waiting, wait.State);
        link.Pump();

        Assert.Equal((PositionWaitState.Reached, "value"), (wait.State, leaf.GetText("new")));
    }

    [Fact]
    [Trait("Behaviour", "P3")]
    public void Wait_ForAWriteThatAFailoverLost_EndsWithThePromotionAndOnSiblingsWhenTheyFollow()
    {
        CoreNode sibling = CoreNode.Replica(_time, seed: 3);
        Connect(_master, _replica);
        Connect(_master, sibling);
        StreamPosition kept = Written();
        _master.Set("lost", "value");
        StreamPosition lost = Written();
        TestPositionWait wait = TestPositionWait.On(_replica, lost);
        TestPositionWait siblings = TestPositionWait.On(sibling, lost);

        _replica.Core.Promote(force: false, _replica.Now);
        Assert.Equal((PositionWaitState.Left, PositionWaitState.Waiting), (wait.State, siblings.State));
        sibling.Follow(isOrdered: true, master: "replica:6390");
        Connect(_replica, sibling);
        Assert.Equal(PositionWaitState.Left, siblings.State);

        // Who asks later is told so at once, also with all the time there is; what was not lost is there.
        Assert.Equal(PositionWaitState.Left, TestPositionWait.On(_replica, lost).State);
        Assert.Equal(PositionWaitState.Left, TestPositionWait.On(sibling, lost).State);
        Assert.Equal(PositionWaitState.Reached, TestPositionWait.On(sibling, kept).State);
        Assert.Equal(PositionWaitState.Reached, TestPositionWait.On(_master, lost).State);
    }

    [Fact]
    [Trait("Behaviour", "P3")]
    public void Wait_OldMasterTakesTheNewOnesData_EndsForWhatIsLostAndForWhatItGets()
    {
        CorePair link = Connect(_master, _replica);
        link.Break();
        _master.Set("lost", "value");
        StreamPosition lost = Written();
        _replica.Core.Promote(force: false, _replica.Now);
        _replica.Set("new", "value");
        TestPositionWait wait = TestPositionWait.On(_master, _replica.Core.Data.Position);
        _master.Follow(isOrdered: true, master: "replica:6390");
        Assert.Equal(PositionWaitState.Reached, TestPositionWait.On(_master, lost).State);
        Connect(_replica, _master);

        Assert.Equal((PositionWaitState.Reached, "value"), (wait.State, _master.GetText("new")));
        Assert.Equal(PositionWaitState.Left, TestPositionWait.On(_master, lost).State);
    }

    [Fact]
    [Trait("Behaviour", "P3")]
    public void Wait_NodeWasOrderedBackToTheLineThatItLeft_IsNotGivenUp()
    {
        CorePair link = Connect(_master, _replica);
        link.Break();
        _master.Set("key", "value");
        _replica.Core.Promote(force: false, _replica.Now);
        _replica.Set("mistake", "value");
        Assert.Equal(PositionWaitState.Left, TestPositionWait.On(_replica, Written()).State);
        _replica.Follow(isOrdered: true);
        TestPositionWait wait = TestPositionWait.On(_replica, Written());
        Assert.Equal(PositionWaitState.Waiting, wait.State);
        Connect(_master, _replica);

        Assert.Equal((PositionWaitState.Reached, "value"), (wait.State, _replica.GetText("key")));
    }

    [Fact]
    [Trait("Behaviour", "P3")]
    public void Wait_OrderIsTakenBack_EndsAsLostAfterAll()
    {
        CorePair link = Connect(_master, _replica);
        link.Break();
        _master.Set("key", "value");
        _replica.Core.Promote(force: false, _replica.Now);
        _replica.Follow(isOrdered: true);
        TestPositionWait wait = TestPositionWait.On(_replica, Written());
        _replica.Core.Promote(force: false, _replica.Now);

        Assert.Equal(PositionWaitState.Left, wait.State);
    }

    [Fact]
    [Trait("Behaviour", "P3")]
    public void Wait_ForAPlaceOfTheFormerLife_IsLostWhenTheNodeBeginsAsMasterAndNotReachedByOtherWrites()
    {
        TestPositionWait wait = TestPositionWait.On(_master, new StreamPosition(_master.Core.Data.History.Id, _master.Offset + 5));
        Assert.Equal(PositionWaitState.Waiting, wait.State);
        _master.Core.BeginAsMaster();
        Assert.Equal(PositionWaitState.Left, wait.State);
        _master.Set("other", "a value that goes beyond that place");

        Assert.Equal(PositionWaitState.Left, wait.State);
    }

    [Fact]
    [Trait("Behaviour", "P3")]
    public void Wait_RecoveryBringsNothing_EndsWithoutAnyChangeOfTheHistory()
    {
        // The file holds a line that left that of the position; a recovery could still bring it.
        Connect(_master, _replica);
        _master.Set("lost", "value");
        _replica.Core.Promote(force: false, _replica.Now);
        _replica.BeginRecovery();
        TestPositionWait wait = TestPositionWait.On(_replica, Written());
        Assert.Equal(PositionWaitState.Waiting, wait.State);
        while (_replica.Core.Recovery is not null)
        {
            _replica.Advance(100);
        }

        _replica.Advance(100);
        Assert.Equal(PositionWaitState.Left, wait.State);
    }

    [Fact]
    public void Wait_DataIsReplaced_LooksForThePositionInTheNewData()
    {
        var other = new ReplicationId(Enumerable.Repeat((byte)7, ReplicationId.Size).ToArray());
        TestPositionWait ahead = TestPositionWait.On(_master, new StreamPosition(_master.Core.Data.History.Id, _master.Offset + 5));
        TestPositionWait unknown = TestPositionWait.On(_master, new StreamPosition(other, 5));
        TestPositionWait later = TestPositionWait.On(_master, new StreamPosition(other, 6));
        _master.Core.Swap(_master.Core.CreateDataSet(ReplicationHistory.Begin(other), 5, StoreSeed.NewSeed()), _master.Now);

        Assert.Equal((PositionWaitState.Waiting, PositionWaitState.Reached, PositionWaitState.Waiting), (ahead.State, unknown.State, later.State));
        _master.Set("key", "value");
        Assert.Equal((PositionWaitState.Waiting, PositionWaitState.Reached), (ahead.State, later.State));
    }

    [Fact]
    public void Wait_ItsTimeIsOver_EndsThenAndIsForgotten()
    {
        Connect(_master, _replica);
        _master.Set("key", "value");
        TestPositionWait ahead = TestPositionWait.On(_replica, Written(), timeout: 500);
        TestPositionWait elsewhere = TestPositionWait.On(_replica, new StreamPosition(_master.Core.NewReplicationId(), 1), timeout: 400);
        TestPositionWait endless = TestPositionWait.On(_replica, Written());
        Assert.Equal(_replica.Now.Milliseconds + 400, _replica.Core.PositionWaits.NextDeadline);
        _replica.Advance(399);
        Assert.Equal((PositionWaitState.Waiting, PositionWaitState.Waiting), (ahead.State, elsewhere.State));
        _replica.Advance(1);
        Assert.Equal((PositionWaitState.Waiting, PositionWaitState.TimedOut), (ahead.State, elsewhere.State));
        _replica.Advance(100);

        Assert.Equal((PositionWaitState.TimedOut, PositionWaitState.Waiting, 1), (ahead.State, endless.State, _replica.Core.PositionWaits.Count));
        Assert.Equal(PositionWaitState.TimedOut, TestPositionWait.On(_replica, Written(), timeout: 0).State);
        Assert.Equal(long.MaxValue, _replica.Core.PositionWaits.NextDeadline);
    }

    [Fact]
    public void Cancel_WaitInTheMiddle_LeavesTheOthers()
    {
        CorePair link = Connect(_master, _replica);
        TestPositionWait[] waits = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            _master.Set("key", "value");
            return TestPositionWait.On(_replica, Written());
        })];
        _replica.Core.PositionWaits.Cancel(waits[1]);
        _replica.Core.PositionWaits.Cancel(waits[1]);
        link.Pump();
        _replica.Core.PositionWaits.Cancel(waits[0]);

        Assert.Equal([PositionWaitState.Reached, PositionWaitState.Cancelled, PositionWaitState.Reached], waits.Select(wait => wait.State));
        Assert.All(waits, wait => Assert.Equal(1, wait.Ends));
    }

    [Fact]
    public void Stop_WhileCallersWait_ReleasesThemAndRefusesFurtherOnes()
    {
        Connect(_master, _replica);
        StreamPosition here = Written();
        _master.Set("key", "value");
        TestPositionWait wait = TestPositionWait.On(_replica, Written());
        _replica.Core.Stop(_replica.Now);

        Assert.Equal((PositionWaitState.Stopped, 0), (wait.State, _replica.Core.PositionWaits.Count));
        Assert.Throws<NodeStoppedException>(() => TestPositionWait.On(_replica, Written()));
        Assert.Equal(PositionWaitState.Reached, TestPositionWait.On(_replica, here).State);
    }

    [Fact]
    public void Begin_BeyondTheLimit_IsRefusedUntilSomeHaveEndedWhateverTheyWaitFor()
    {
        // Made up, as anybody may: however they end, nothing is kept of them.
        ReplicationId unknown = _master.Core.NewReplicationId();
        for (int i = 0; i < PositionWaits.Capacity; i++)
        {
            TestPositionWait.On(_master, new StreamPosition(i % 2 == 0 ? unknown : _master.Core.Data.History.Id, long.MaxValue - i), timeout: 100);
        }

        Assert.Throws<ReplicatedCacheException>(() => TestPositionWait.On(_master, new StreamPosition(unknown, 1)));
        Assert.Equal(PositionWaitState.Reached, TestPositionWait.On(_master, Written()).State);
        _master.Advance(100);
        Assert.Equal((0, long.MaxValue), (_master.Core.PositionWaits.Count, _master.Core.PositionWaits.NextOffset));
        Assert.Equal(PositionWaitState.Waiting, TestPositionWait.On(_master, new StreamPosition(unknown, 1)).State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomWork_Always_EndsExactlyTheWaitsThatAreReachedOrOver(int seed)
    {
        var random = new Random(seed);
        CorePair link = Connect(_master, _replica);
        var waits = new List<TestPositionWait>();
        for (int i = 0; i < 2_000; i++)
        {
            switch (random.Next(5))
            {
                case 0:
                    _master.Set("key", new byte[random.Next(50)]);
                    break;
                case 1:
                    ReplicationId id = random.Next(4) == 0 ? _master.Core.NewReplicationId() : _master.Core.Data.History.Id;
                    waits.Add(TestPositionWait.On(_replica, new StreamPosition(id, random.NextInt64(_master.Offset + 200)), random.Next(2) == 0 ? null : random.Next(50)));
                    break;
                case 2:
                    link.Step();
                    break;
                case 3 when waits.Count > 0:
                    _replica.Core.PositionWaits.Cancel(waits[random.Next(waits.Count)]);
                    break;
                default:
                    _replica.Advance(random.Next(10));
                    break;
            }

            int waiting = 0;
            foreach (TestPositionWait wait in waits)
            {
                bool isHere = wait.Position.Id == _replica.Core.Data.History.Id && wait.Position.Offset <= _replica.Offset;
                bool isOver = wait.Deadline <= _replica.Now.Milliseconds;
                waiting += wait.State == PositionWaitState.Waiting ? 1 : 0;
                Assert.True(wait.State switch
                {
                    PositionWaitState.Waiting => !isHere && !isOver,
                    PositionWaitState.Reached => isHere,
                    PositionWaitState.TimedOut => isOver,
                    _ => wait.State == PositionWaitState.Cancelled,
                });
            }

            Assert.Equal(waiting, _replica.Core.PositionWaits.Count);
            waits.RemoveAll(wait => wait.State != PositionWaitState.Waiting && random.Next(10) == 0);
        }
    }

    /// <summary>Where a write stands that the master has just made.</summary>
    private StreamPosition Written() => _master.Core.Written(hasChanged: true).Position;
}
