using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using static EmbeddedRepl.Tests.Replication.Recovery.Recovered;

namespace EmbeddedRepl.Tests.Replication.Recovery;

/// <summary>A recovering master is offered data that its holders were ordered to replace by whatever it has.</summary>
[Trait("Behaviour", "D14")]
public sealed class GivenUpOffersTests
{
    private static readonly NodeSettings Older = new() { OfferedCapabilities = HandshakeRules.Offered & ~Capabilities.GivenUpOffers };

    private readonly ManualTimeProvider _time = new();
    private readonly CoreNetwork _network;

    public GivenUpOffersTests() => _network = new CoreNetwork(_time);

    [Fact]
    public void PromotedNode_DiesBeforeTheOthersHaveSyncedWithIt_TakesBackWhatTheyWereOrderedToReplace()
    {
        CoreNode[] nodes = Grown("promoted", "third", "fourth");
        _network.Kill("master");
        nodes[0].Core.Promote(force: false, nodes[0].Now);
        _network.Kill("promoted");
        Order(nodes[1], "promoted");
        Order(nodes[2], "promoted");

        CoreNode again = _network.Add("promoted", CoreNode.RecoveringMaster(_time, seed: 21));
        _network.Run(5_000);

        AssertEqual(again, nodes[1], nodes[2]);
        Assert.Equal("value 0", again.GetText("key 0"));
        Assert.Equal(0, again.Counters.SyncFull);
        Assert.False(nodes[1].Core.Upstream!.IsOrdered);
        Assert.Equal(AncestorEnd.Restart, again.Core.Data.History.Ancestors[0].EndedBy);
    }

    [Fact]
    public void SeveralOnOneLine_TheMostAdvancedIsTakenAndTheOthersFollow()
    {
        CoreNode[] nodes = Grown("first", "second");
        GiveMore(nodes[0], without: nodes[1]);
        _network.Kill("master");
        Order(nodes[0], "other");
        Order(nodes[1], "other");

        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, seed: 21));
        _network.Run(5_000);

        Assert.Equal("value", other.GetText("more"));
        AssertEqual(other, nodes);
    }

    [Fact]
    public void SeveralOnUnrelatedLines_NoneIsTakenAndNoneIsReplacedUntilAnOperatorDecides()
    {
        CoreNode first = Grown("first")[0];
        CoreNode stranger = _network.MakeStranger();
        _network.Kill("master");
        Order(first, "other");
        Order(stranger, "other");
        _network.Add("stranger", stranger);

        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, seed: 21));
        _network.Run(70_000);

        Assert.Equal(RecoveryState.Undecided, Info(other).RecoveryState);
        Assert.NotNull(first.GetText("key 0"));
        Assert.NotNull(stranger.GetText("strange"));
        other.Core.OverrideRefusals();
        _network.Run(3_000);
        AssertEqual(other, first, stranger);
    }

    [Fact]
    public void BesideDataThatNobodyGaveUp_ThatIsTakenAlthoughItIsOnAnotherLine()
    {
        CoreNode[] nodes = Grown("first");
        _network.Kill("master");
        Order(nodes[0], "other");
        CoreNode stranger = _network.MakeStranger();
        stranger.Core.LastFollowedMaster = null;
        stranger.Follow(master: "other");
        _network.Add("stranger", stranger);

        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, seed: 21));
        _network.Run(5_000);

        Assert.Null(other.GetText("key 0"));
        Assert.NotNull(other.GetText("strange"));
        AssertEqual(other, nodes[0], stranger);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BesideLessOfTheSameData_CountsBecauseItHasAllOfThat_UnlessTheMasterItselfHasTheLess(bool hasMasterTheLess)
    {
        CoreNode[] nodes = Grown("first", "second");
        GiveMore(nodes[0], without: nodes[1]);
        _network.Kill("master");
        Order(nodes[0], "other");
        CoreNode other;
        if (hasMasterTheLess)
        {
            // As one that was given an older file, to bring that back into use.
            _network.Kill("second");
            other = nodes[1];
            other.BeginRecovery();
        }
        else
        {
            nodes[1].Core.LastFollowedMaster = null;
            nodes[1].Follow(master: "other");
            other = CoreNode.RecoveringMaster(_time, seed: 21);
        }

        _network.Add("other", other);
        _network.Run(5_000);

        Assert.NotNull(other.GetText("key 0"));
        Assert.Equal(hasMasterTheLess, other.GetText("more") is null);
        AssertEqual(other, [.. nodes.Except([other])]);
    }

    [Fact]
    public void BesideTheMastersOwnFile_ThatCountsAlone()
    {
        CoreNode first = Grown("first")[0];
        _network.Kill("master");
        Order(first, "other");
        CoreNode other = CoreNode.Master(_time, seed: 31);
        other.Set("older", "value");

        other.BeginRecovery();
        _network.Add("other", other);
        _network.Run(5_000);

        Assert.Null(other.GetText("key 0"));
        AssertEqual(other, first);
    }

    [Fact]
    public void OwnFileHasSeenTheRemovalOfEverything_IsNotUndone()
    {
        CoreNode[] nodes = Grown("first", "second");
        _network.MayMove = pair => pair.Link != nodes[0].Core.Upstream?.Link;
        _network["master"].Core.Clear();
        _network.Settle();
        _network.MayMove = _ => true;
        _network.Kill("master");
        _network.Kill("second");
        Order(nodes[0], "other");

        nodes[1].BeginRecovery();
        _network.Add("other", nodes[1]);
        _network.Run(5_000);

        Assert.Null(nodes[1].GetText("key 0"));
        AssertEqual(nodes[1], nodes[0]);
    }

    [Fact]
    public void DataThatNobodyGaveUp_IsOfferedWhileTheOtherIsBeingTaken_ReplacesIt()
    {
        CoreNode first = Grown("first")[0];
        CoreNode stranger = _network.MakeStranger();
        _network.Kill("master");
        Order(first, "other");
        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, new NodeSettings { ExpectedReplicas = 1 }, seed: 21));
        _network.MayMove = pair => other.Core.Recovery?.State != RecoveryState.Taking || pair.Link != first.Core.Upstream?.Link;
        _network.Settle();
        Assert.Equal(RecoveryState.Taking, Info(other).RecoveryState);
        stranger.Follow(master: "other");
        _network.Add("stranger", stranger);
        _network.Settle();

        _network.MayMove = _ => true;
        _network.Run(1_000);

        Assert.Equal(0, other.Events.Count("RecoveryUndecided"));
        Assert.Equal(2, other.Counters.RecoveriesTaken);
        Assert.NotNull(other.GetText("strange"));
        AssertEqual(other, first, stranger);
    }

    [Fact]
    public void MoreOfWhatWasGivenUp_IsOfferedWhenTheRestHasBeenTaken_IsTakenToo()
    {
        CoreNode[] nodes = Grown("first", "second");
        GiveMore(nodes[0], without: nodes[1]);
        _network.Kill("master");
        _network.Kill("first");
        Order(nodes[0], "other");
        Order(nodes[1], "other");
        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, new NodeSettings { ExpectedReplicas = 1 }, seed: 21));
        _network.MayMove = pair => other.Core.Recovery?.State != RecoveryState.Taking || pair.Link != nodes[1].Core.Upstream?.Link;
        _network.Settle();
        _network.Add("first", nodes[0]);
        _network.Settle();

        _network.MayMove = _ => true;
        _network.Run(1_000);

        Assert.Equal("value", other.GetText("more"));
        AssertEqual(other, nodes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OneEndIsOlder_IsToldThatThereIsNothingAndTheConnectionHolds(bool masterIsOlder)
    {
        CoreNode first = Grown(masterIsOlder ? new NodeSettings() : Older, "first")[0];
        _network.Kill("master");
        Order(first, "other");

        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, masterIsOlder ? Older : null, seed: 21));
        _network.Run(5_000);

        Assert.Contains(first.Events.Lines, line => line.StartsWith("RecoveryOffering", StringComparison.Ordinal) && line.Contains(nameof(RecoverySource.Memory), StringComparison.Ordinal));
        Assert.Equal(0, other.Counters.RecoveriesTaken);
        Assert.DoesNotContain(first.Events.Lines, line => line.Contains(nameof(CloseReason.ProtocolViolation), StringComparison.Ordinal));
        AssertEqual(other, first);
    }

    [Fact]
    public void Master_IsSentSuchAnOfferWithoutTheCapability_EndsTheConnection()
    {
        var replica = new ScriptedReplica(CoreNode.RecoveringMaster(_time));
        replica.ShakeHands(Older);
        replica.Ask(ReplicationHistory.None, 0);
        replica.Take();

        replica.Give(RecoveryCandidate.Nothing(replica.RunId).ToFrame() with { Source = RecoverySource.GivenUp });

        Assert.True(replica.Session.IsClosed);
        Assert.Equal(ErrorCode.MalformedFrame, replica.TakeOne<ErrorFrame>().Code);
    }

    [Fact]
    public void Master_IsSentASourceThatItDoesNotKnow_EndsTheConnection()
    {
        var replica = new ScriptedReplica(CoreNode.RecoveringMaster(_time));
        replica.ShakeHands();
        replica.Ask(ReplicationHistory.None, 0);
        replica.Take();

        replica.Give(RecoveryCandidate.Nothing(replica.RunId).ToFrame() with { Source = RecoverySource.GivenUp + 1 });

        Assert.True(replica.Session.IsClosed);
        Assert.Equal(ErrorCode.MalformedFrame, replica.TakeOne<ErrorFrame>().Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MiddleNode_PassesTheOfferOnOnlyToAMasterThatKnowsIt(bool masterIsOlder)
    {
        CoreNode leaf = Grown("leaf")[0];
        _network.Kill("master");
        Order(leaf, "middle");
        CoreNode middle = new(_time, seed: 32);
        middle.Follow(master: "other");
        middle.Core.BeginListening(middle.Now);
        _network.Add("middle", middle);

        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, masterIsOlder ? Older : null, seed: 21));
        _network.Run(10_000);

        Assert.Equal(masterIsOlder ? null : "value 0", other.GetText("key 0"));
        AssertEqual(other, middle, leaf);
        Assert.Equal(masterIsOlder ? 0 : 1, middle.Counters.RecoveriesTaken);
    }

    [Fact]
    public void DataThatWasFoundToDiffer_IsNotOfferedAtAll()
    {
        CoreNode first = Grown("first")[0];
        _network.Kill("master");
        Order(first, "other");
        Assert.True(first.Core.Upstream!.MayHeal(first.Now));

        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, seed: 21));
        _network.Run(5_000);

        Assert.Null(other.GetText("key 0"));
        AssertEqual(other, first);
    }

    private static ReplicationInfo Info(CoreNode node) => new ReplicationInfoBuilder(node.Core, node.Now).Build([]);

    private static void Order(CoreNode node, string master) => node.Follow(isOrdered: true, master: master);

    private CoreNode[] Grown(params string[] names) => Grown(new NodeSettings(), names);

    /// <summary>A node called "master" with some data, and replicas that have it.</summary>
    private CoreNode[] Grown(NodeSettings settings, params string[] names)
    {
        CoreNode master = _network.Add("master", CoreNode.Master(_time));
        CoreNode[] replicas = [.. names.Select((name, i) => _network.Add(name, new CoreNode(_time, settings, seed: i + 2)))];
        foreach (CoreNode replica in replicas)
        {
            replica.Follow(master: "master");
        }

        for (int i = 0; i < 50; i++)
        {
            master.Set($"key {i}", $"value {i}");
        }

        _network.Run(200);
        AssertEqual(master, replicas);
        return replicas;
    }

    /// <summary>The master writes something that only one of two replicas gets.</summary>
    private void GiveMore(CoreNode replica, CoreNode without)
    {
        _network.MayMove = pair => pair.Link != without.Core.Upstream?.Link;
        _network["master"].Set("more", "value");
        _network.Settle();
        _network.MayMove = _ => true;
        Assert.True(replica.Offset > without.Offset);
    }
}
