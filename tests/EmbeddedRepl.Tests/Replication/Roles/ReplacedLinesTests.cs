using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Roles;

/// <summary>An order to a middle node is meant for its sub-replicas as well, and for nobody else.</summary>
public sealed class ReplacedLinesTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ReplacedLines _lines = new();

    [Theory]
    [InlineData(1, 250, true)]
    [InlineData(1, 251, false)]
    [InlineData(0, 100, true)]
    [InlineData(0, 101, false)]
    [InlineData(7, 5, false)]
    public void Cover_PositionOnTheLine_UpToWhereItWasLeft(int id, long offset, bool covers)
    {
        _lines.Add(Histories.Line(1), 250);

        Assert.Equal(covers, _lines.Cover(Histories.Id(id), offset));
    }

    [Fact]
    public void Add_BeyondTheLimit_ForgetsTheOldest()
    {
        for (int i = 1; i <= ReplacedLines.Limit + 1; i++)
        {
            _lines.Add(Histories.Begin(i), 10);
        }

        Assert.Equal(ReplacedLines.Limit, _lines.Count);
        Assert.False(_lines.Cover(Histories.Id(1), 5));
        Assert.True(_lines.Cover(Histories.Id(2), 5));
    }

    [Fact]
    public void Add_TheSameLineFurtherOn_TakesNoOtherPlace()
    {
        _lines.Add(Histories.Begin(1), 10);
        _lines.Add(Histories.Begin(1), 20);
        _lines.Add(ReplicationHistory.None, 0);

        Assert.Equal(1, _lines.Count);
        Assert.True(_lines.Cover(Histories.Id(1), 20));
    }

    [Fact]
    [Trait("Behaviour", "C3")]
    public void MiddleOrderedToAnUnrelatedMaster_WholeChainBelow_KeepsItsDataUntilItFollows()
    {
        (CoreNode _, CoreNode middle, CoreNode lower, CoreNode leaf) = Chain();
        CoreNode other = Other();
        middle.Follow(isOrdered: true);
        new CorePair(other, middle).Pump();
        Assert.Equal(("other", "value", "value"), (middle.GetText("key"), lower.GetText("key"), leaf.GetText("key")));

        new CorePair(middle, lower).Pump();
        Assert.Equal(("other", "value"), (lower.GetText("key"), leaf.GetText("key")));
        new CorePair(lower, leaf).Pump();

        Assert.Equal("other", leaf.GetText("key"));
        Assert.Equal((other.Core.Data.History.Id, other.Offset, other.Digest), (leaf.Core.Data.History.Id, leaf.Offset, leaf.Digest));
        Assert.All(new[] { lower, leaf }, node => Assert.Contains($"FullSyncConfirmed master:6390 {nameof(ConfirmationReason.Overridden)} 0", node.Events.Lines));
    }

    [Fact]
    [Trait("Behaviour", "C3")]
    public void MiddleOrderedToAnUnrelatedMaster_StrangerWithOtherData_StillRefuses()
    {
        (CoreNode _, CoreNode middle, CoreNode _, CoreNode _) = Chain();
        CoreNode other = Other();
        middle.Follow(isOrdered: true);
        new CorePair(other, middle).Pump();
        CoreNode stranger = CoreNode.Master(_time, seed: 30);
        stranger.Set("key", "mine");
        stranger.Follow();
        new CorePair(middle, stranger).Pump();

        Assert.Equal("mine", stranger.GetText("key"));
        Assert.Equal(1, stranger.Counters.FullSyncsRefused);
    }

    [Fact]
    [Trait("Behaviour", "C3")]
    public void MiddleOrderedToAnUnrelatedMaster_ReplicaThatIsAheadOfIt_StillRefuses()
    {
        (CoreNode root, CoreNode middle, CoreNode _, CoreNode _) = Chain();
        CoreNode ahead = CoreNode.Replica(_time, seed: 31);
        root.Set("only", "further on");
        new CorePair(root, ahead).Pump();
        CoreNode other = Other();
        middle.Follow(isOrdered: true);
        new CorePair(other, middle).Pump();
        ahead.Follow();
        new CorePair(middle, ahead).Pump();

        Assert.Equal("further on", ahead.GetText("only"));
        Assert.Equal(1, ahead.Counters.FullSyncsRefused);
    }

    [Fact]
    public void MasterOtherThanTheOneLastFollowed_CountsAsAnOrder()
    {
        CoreNode replica = CoreNode.Replica(_time);
        CoreNode master = CoreNode.Master(_time);
        master.Set("key", "value");
        new CorePair(master, replica).Pump();
        CoreNode other = Other();

        replica.Core.BeginAsReplica("MASTER:6390", isOrdered: false, replica.ConnectSignal, replica.Now);
        Assert.False(replica.Core.Upstream!.IsOrdered);
        replica.Core.BeginAsReplica("other:6390", isOrdered: false, replica.ConnectSignal, replica.Now);
        Assert.True(replica.Core.Upstream!.IsOrdered);
        new CorePair(other, replica).Pump();

        Assert.Equal(("other", "other:6390"), (replica.GetText("key"), replica.Core.LastFollowedMaster));
    }

    [Fact]
    public void Order_ToAnAddressWhereNobodyAnswersForHours_StandsAndCanBeTakenBack()
    {
        CoreNode replica = CoreNode.Replica(_time);
        CoreNode master = CoreNode.Master(_time);
        master.Set("key", "value");
        new CorePair(master, replica).Pump();
        replica.Follow(isOrdered: true);
        for (int hour = 0; hour < 24; hour++)
        {
            replica.Core.Upstream!.BeginConnect();
            replica.Core.Upstream.ConnectFailed("refused", replica.Now);
            replica.Advance(3_600_000);
        }

        Assert.True(replica.Core.Upstream!.IsOrdered);
        Assert.Equal("value", replica.GetText("key"));
        replica.Core.Promote(force: false, replica.Now);
        replica.Follow();
        Assert.False(replica.Core.Upstream!.IsOrdered);
    }

    private CoreNode Other()
    {
        CoreNode other = CoreNode.Master(_time, seed: 20);
        for (int i = 0; i < 5; i++)
        {
            other.Set("key", "other");
        }

        return other;
    }

    private (CoreNode Root, CoreNode Middle, CoreNode Lower, CoreNode Leaf) Chain()
    {
        CoreNode root = CoreNode.Master(_time);
        root.Set("key", "value");
        CoreNode[] nodes = [root, CoreNode.Replica(_time), CoreNode.Replica(_time, seed: 3), CoreNode.Replica(_time, seed: 4)];
        for (int i = 1; i < nodes.Length; i++)
        {
            new CorePair(nodes[i - 1], nodes[i]).Pump();
        }

        return (nodes[0], nodes[1], nodes[2], nodes[3]);
    }
}
