using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using static EmbeddedRepl.Tests.Replication.Recovery.Recovered;

namespace EmbeddedRepl.Tests.Replication.Recovery;

/// <summary>A master that comes back without its data, or with less than its replicas have.</summary>
public sealed class MasterRecoveryTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNetwork _network;

    public MasterRecoveryTests() => _network = new CoreNetwork(_time);

    [Fact]
    [Trait("Behaviour", "D8")]
    public void MasterWithoutData_TakesTheMostAdvancedReplicasAndContinuesAllOfThem()
    {
        CoreNode first = Grown(out CoreNode second, ahead: 20, size: 100);
        Assert.True(first.Offset > second.Offset);
        long before = first.Offset;
        ReplicationId lost = first.Core.Data.History.Id;

        CoreNode master = Restart();
        _network.Run(5_000);

        Assert.Equal(RecoveryState.None, Info(master).RecoveryState);
        Assert.Equal((before, first.Digest), (master.Offset, master.Digest));
        Assert.NotEqual(lost, master.Core.Data.History.Id);
        Assert.Equal(new Ancestor(lost, before, AncestorEnd.Restart), master.Core.Data.History.Ancestors[0]);
        Assert.Equal((0, 2), (master.Counters.SyncFull, master.Counters.SyncPartialOk));
        AssertFollow(master, first, second);
        master.Set("after", "written");
        _network.Run(100);
        AssertFollow(master, first, second);
    }

    [Fact]
    [Trait("Behaviour", "D12")]
    public void MasterWithAnOlderFile_TakesOnlyTheMissingBytes()
    {
        CoreNode first = Grown(out CoreNode second, ahead: 0, size: 10_000);
        CoreNode file = FileOf("first", seed: 5);
        long inFile = file.Offset;
        _network["master"].Set("missing 1", new byte[5_000]);
        _network.Run(100);
        _network["master"].Set("missing 2", new byte[5_000]);
        _network.Run(100);
        _network.Kill("master");

        file.BeginRecovery();
        _network.Add("master", file);
        _network.Run(5_000);

        Assert.Equal(1, file.Events.Count("RecoveryTaking"));
        Assert.Contains(file.Events.Lines, line => line.StartsWith("RecoveryTaking", StringComparison.Ordinal) && line.Contains("Partial", StringComparison.Ordinal));
        Assert.InRange(file.Offset - inFile, 10_000, 11_000);
        Assert.Equal((0, 2), (file.Counters.SyncFull, file.Counters.SyncPartialOk));
        AssertFollow(file, first, second);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void FreshCluster_AllExpectedHaveAnswered_BeginsAtOnce()
    {
        CoreNode master = Restart(new NodeSettings { ExpectedReplicas = 2 });
        _network.Add("first", Follower(2));
        _network.Settle();
        Assert.False(master.Core.AcceptsWrites);
        Assert.False(new ReplicationInfoBuilder(master.Core, master.Now).Build([]).AcceptsWrites);

        _network.Add("second", Follower(3));
        _network.Run(100);

        Assert.True(master.Core.AcceptsWrites);
        Assert.True(new ReplicationInfoBuilder(master.Core, master.Now).Build([]).AcceptsWrites);
        Assert.True(_network["second"].Core.IsLinkUp);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void FreshCluster_NobodyExpected_BeginsAfterTheWindow()
    {
        CoreNode master = Restart();
        _network.Add("first", Follower(2));
        _network.Run(2_950);
        Assert.False(master.Core.AcceptsWrites);

        _network.Run(100);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal(0, master.Offset);
        Assert.True(_network["first"].Core.IsLinkUp);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void Master_ExpectsReplicasAndNobodyComes_BeginsAtTheLimit()
    {
        CoreNode master = Restart(new NodeSettings { ExpectedReplicas = 1 });
        _network.Run(59_900);
        Assert.False(master.Core.AcceptsWrites);

        _network.Run(200);

        Assert.True(master.Core.AcceptsWrites);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void SameReplica_ComesTwice_IsCountedOnce()
    {
        CoreNode master = Restart(new NodeSettings { ExpectedReplicas = 2 });
        CoreNode replica = _network.Add("first", Follower(2));
        _network.Run(100);
        _network.Break(replica);
        _network.Run(1_000);

        Assert.Equal(RecoveryState.Collecting, Info(master).RecoveryState);
        Assert.Single(master.Core.Offers.All);
        Assert.Equal(ReplicationLinkState.Recovering, replica.Core.Upstream!.State);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public void Recovering_WritesAreRefusedByTheCoreAndReadsServeWhatIsThere()
    {
        Grown(out _, ahead: 0, size: 10);
        CoreNode file = FileOf("first", seed: 5);
        _network.Kill("master");
        _network.Kill("first");
        _network.Kill("second");

        file.BeginRecovery();

        Assert.NotNull(file.GetText("key 0"));
        Assert.Throws<RecoveringMasterException>(() => file.Set("key", "value"));
        Assert.Throws<RecoveringMasterException>(() => file.Remove("key 0"));
        Assert.Throws<RecoveringMasterException>(file.Core.Clear);
        Assert.True(Info(file).IsReady);
        Assert.NotNull(Info(file).RecoveryMessage);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void ReplicaThatComesAfterTheWindow_KeepsWhatItHasAndSaysWhy()
    {
        CoreNode first = Grown(out _, ahead: 0, size: 10);
        _network.Kill("first");
        _network.Kill("second");
        CoreNode master = Restart();
        _network.Run(3_100);
        master.Set("fresh", "value");

        _network.Add("first", first);
        _network.Run(3_000);

        Assert.NotNull(first.Core.Upstream!.Refusal);
        Assert.NotNull(first.GetText("key 0"));
        Assert.Equal(0, master.Counters.SyncFull);
        master.Core.OverrideRefusals();
        _network.Run(2_000);
        AssertFollow(master, first);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void MasterThatBeganTooEarlyAndWroteNothing_RestartedOnceMore_TakesTheDataAfterAll()
    {
        CoreNode first = Grown(out CoreNode second, ahead: 0, size: 10);
        CoreNode file = FileOf("second", seed: 5);
        _network["master"].Set("missing", "value");
        _network.Run(100);
        _network.Kill("master");
        _network.Kill("first");
        _network.Kill("second");
        file.BeginRecovery();
        _network.Add("master", file);
        _network.Run(4_000);
        Assert.True(file.Core.AcceptsWrites);

        // As after another restart with the file that was written since.
        file.BeginRecovery();
        _network.Add("first", first);
        _network.Add("second", second);
        _network.Run(5_000);

        Assert.Equal("value", file.GetText("missing"));
        Assert.Equal(0, file.Counters.SyncFull);
        AssertFollow(file, first, second);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void ReplicaThatFollowedAMasterThatBeganTooEarly_ContinuesWhenTheDataWasTakenAfterAll()
    {
        CoreNode first = Grown(out CoreNode second, ahead: 0, size: 10);
        CoreNode file = FileOf("second", seed: 5);
        _network.Kill("second");
        _network["master"].Set("missing", "value");
        _network.Run(100);
        _network.Kill("master");
        _network.Kill("first");
        file.BeginRecovery();
        _network.Add("master", file);
        _network.Run(4_000);
        _network.Add("second", second);
        _network.Run(1_000);
        AssertFollow(file, second);

        // The same data as before goes on under the id of the first replica: the id that was never written under is on nobody's list any more.
        _network.Break(file);
        file.BeginRecovery();
        _network.Add("first", first);
        _network.Run(5_000);

        Assert.Equal("value", file.GetText("missing"));
        AssertFollow(file, first, second);
        Assert.Equal(0, file.Counters.SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void SameReplica_ComesAgainWhileItsOldConnectionHangs_IsNotWaitedForTwice()
    {
        CoreNode master = Restart(new NodeSettings { ExpectedReplicas = 1 });
        var gone = new ScriptedReplica(master);
        var here = new ScriptedReplica(master);
        var loading = new ScriptedReplica(master);
        foreach (ScriptedReplica replica in new[] { loading, gone, here })
        {
            replica.ShakeHands(runId: CoreNode.RunIdOf(replica == loading ? 98 : 99));
            replica.Ask(ReplicationHistory.None, 0);
            replica.Take();
        }

        loading.Give(RecoveryCandidate.Later(CoreNode.RunIdOf(98)).ToFrame());
        gone.Give(RecoveryCandidate.Nothing(CoreNode.RunIdOf(99)).ToFrame());
        here.Give(RecoveryCandidate.Nothing(CoreNode.RunIdOf(99)).ToFrame());
        Assert.False(master.Core.AcceptsWrites);
        loading.Give(RecoveryCandidate.Nothing(CoreNode.RunIdOf(98)).ToFrame());

        Assert.True(master.Core.AcceptsWrites);
    }

    [Fact]
    [Trait("Behaviour", "D9")]
    public void WaitForAcknowledgements_TheDataIsReplacedByTheRecovery_IsNotComparedWithOffsetsOfTheOther()
    {
        CoreNode first = Grown(out _, ahead: 0, size: 10);
        _network.Kill("master");
        CoreNode empty = CoreNode.Master(_time, seed: 31);
        for (int i = 0; i < 1_000; i++)
        {
            empty.Set("key", "value");
        }

        empty.Core.Clear();
        Assert.True(empty.Offset > first.Offset);
        empty.BeginRecovery();
        var before = new AckWait(empty.Offset, 1, long.MaxValue, _ => { });
        empty.Core.WaitForAcks(before, empty.Now);
        _network.Add("master", empty);
        _network.Run(5_000);
        AssertFollow(empty, first);
        empty.Set("key", "value");
        var after = new AckWait(empty.Offset, 1, long.MaxValue, _ => { });
        empty.Core.WaitForAcks(after, empty.Now);
        _network.Run(2_000);

        Assert.Equal(AckWaitState.Reached, after.State);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void Override_WhileTheMasterLoadsItsFile_NobodyIsAskedAfterwards()
    {
        CoreNode first = Grown(out CoreNode second, ahead: 0, size: 10);
        CoreNode file = FileOf("first", seed: 5);
        _network["master"].Set("given up", "value");
        _network.Run(100);
        _network.Kill("master");
        file.Core.BeginLoading(ReplicationRole.Master);
        file.Core.OverrideRefusals();
        file.Core.FinishLoading(null, file.Now);

        file.BeginRecovery();

        Assert.True(file.Core.AcceptsWrites);
        _network.Add("master", file);
        _network.Run(5_000);
        Assert.Null(first.GetText("given up"));
        AssertFollow(file, first, second);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void Replicas_SeveralHundred_AreNoneWaitedForAfterTheyHaveAnswered()
    {
        const int Count = 300;
        CoreNode master = Restart(new NodeSettings { ExpectedReplicas = Count, MaxReplicas = Count });
        for (int i = 0; i < Count; i++)
        {
            Assert.False(master.Core.AcceptsWrites);
            var replica = new ScriptedReplica(master);
            replica.ShakeHands();
            replica.Ask(ReplicationHistory.None, 0);
            replica.Give(RecoveryCandidate.Nothing(replica.RunId).ToFrame());
        }

        Assert.True(master.Core.AcceptsWrites);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void Offers_HandedUpBeyondTheLimit_ArePassedOverAndTheReplicasOwnIsNot()
    {
        var replica = new ScriptedReplica(Restart());
        replica.ShakeHands();
        var offers = new RecoveryOffers();
        for (int i = 0; i < RecoveryOffers.Limit; i++)
        {
            Assert.True(offers.Put(replica.Session, RecoveryCandidate.Nothing(RunId.NewId())));
        }

        Assert.False(offers.Put(replica.Session, RecoveryCandidate.Nothing(RunId.NewId())));
        Assert.True(offers.Put(replica.Session, RecoveryCandidate.Nothing(replica.RunId)));
        Assert.True(offers.HasAnswered(replica.Session));
        offers.Remove(replica.Session);
        Assert.Empty(offers.All);
        Assert.True(offers.Put(replica.Session, RecoveryCandidate.Nothing(RunId.NewId())));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Behaviour", "D13")]
    public void TwoLines_NoneIsTakenUntilAnOperatorDecides(bool byOverride)
    {
        CoreNode first = Grown(out CoreNode second, ahead: 0, size: 10);
        CoreNode stranger = Stranger();
        CoreNode master = Restart();
        _network.Add("stranger", stranger);
        _network.Run(70_000);

        Assert.Equal(RecoveryState.Undecided, Info(master).RecoveryState);
        Assert.Contains("OverrideFullSyncRefusals", Info(master).RecoveryMessage, StringComparison.Ordinal);
        Assert.Throws<RecoveringMasterException>(() => master.Set("key", "value"));
        Assert.NotNull(first.GetText("key 0"));
        Assert.NotNull(stranger.GetText("strange"));
        Assert.Equal(1, master.Events.Count("RecoveryUndecided"));
        if (byOverride)
        {
            master.Core.OverrideRefusals();
            _network.Run(3_000);
            Assert.Null(stranger.GetText("strange"));
            AssertFollow(master, first, second, stranger);
            return;
        }

        // The data of one replica: the master follows it, and is promoted.
        first.Core.Promote(force: false, first.Now);
        master.Follow(isOrdered: true, master: "first");
        _network.Run(3_000);
        Assert.True(master.Core.IsLinkUp);
        master.Core.Promote(force: false, master.Now);
        _network.Run(3_000);
        Assert.NotNull(master.GetText("key 0"));
        Assert.NotNull(stranger.Core.Upstream!.Refusal);
        AssertFollow(master, second);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void PromotedLine_BeatsTheLineThatItLeft()
    {
        CoreNode first = Grown(out CoreNode second, ahead: 0, size: 10);
        first.Core.Promote(force: false, first.Now);
        first.Set("new line", "value");
        second.Follow(master: "master");
        _network["master"].Set("old line", "value");
        _network.Run(100);
        Assert.NotNull(second.GetText("old line"));
        first.Follow(master: "master");
        CoreNode master = Restart();

        _network.Run(5_000);

        Assert.NotNull(master.GetText("new line"));
        Assert.Null(master.GetText("old line"));
        AssertFollow(master, first, second);
    }

    // It has been asked, and what it says is on its way when the window is over and the other one has answered.
    [Fact]
    [Trait("Behaviour", "D14")]
    public void MostAdvancedReplica_AnswersLast_IsWaitedForBeyondTheWindow()
    {
        CoreNode first = Grown(out CoreNode second, ahead: 20, size: 100);
        (long Offset, StoreDigest Digest) most = (first.Offset, first.Digest);
        _network.MayMove = pair => pair.Link != first.Core.Upstream?.Link || first.Core.Upstream?.State != ReplicationLinkState.Recovering;
        CoreNode master = Restart();
        _network.Run(5_000);
        Assert.Equal((RecoveryState.Collecting, false), (Info(master).RecoveryState, master.Core.Data.HoldsData));

        _network.MayMove = _ => true;
        _network.Run(1_000);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal(most, (master.Offset, master.Digest));
        AssertFollow(master, first, second);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void ReplicaThatLoadsItsFile_IsWaitedFor()
    {
        CoreNode first = Grown(out _, ahead: 0, size: 10);
        _network.Kill("second");
        first.Core.BeginLoading(ReplicationRole.Replica);
        CoreNode master = Restart();
        _network.Run(10_000);
        Assert.Equal(RecoveryState.Collecting, Info(master).RecoveryState);

        first.Core.FinishLoading(null, first.Now);
        _network.Run(200);

        Assert.True(master.Core.AcceptsWrites);
        AssertFollow(master, first);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void ReplicaThatLoadsForEver_IsWaitedForUntilTheLimitAndAnotherIsTaken()
    {
        CoreNode first = Grown(out CoreNode second, ahead: 0, size: 10);
        second.Core.BeginLoading(ReplicationRole.Replica);
        CoreNode master = Restart();
        _network.Run(29_000);
        Assert.Equal(RecoveryState.Collecting, Info(master).RecoveryState);
        Assert.False(master.Core.Data.HoldsData);

        // At half of it the other one is taken, so that there is time left for that.
        _network.Run(2_000);
        Assert.Equal((first.Offset, first.Digest), (master.Offset, master.Digest));
        Assert.Equal(RecoveryState.Collecting, Info(master).RecoveryState);

        _network.Run(30_000);
        Assert.True(master.Core.AcceptsWrites);
        AssertFollow(master, first);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Behaviour", "D14")]
    public void ReplicaThatLoadsWhileAnotherOffersNothingThatTheMasterLacks_IsWaitedForUntilTheLimit(bool isGivenUp)
    {
        CoreNode first = Grown(out CoreNode second, ahead: 0, size: 10);
        CoreNode file = FileOf("first", seed: 5);
        _network.Kill("second");
        _network["master"].Set("missing", "value");
        _network.Run(100);
        Assert.True(first.Offset > file.Offset);
        _network.Kill("master");
        first.Core.BeginLoading(ReplicationRole.Replica);
        second.Follow(isOrdered: isGivenUp, master: "master");
        _network.Add("second", second);
        file.BeginRecovery();
        _network.Add("master", file);

        _network.Run(file.Core.Settings.RecoveryLimit - 5_000);
        Assert.Equal(RecoveryState.Collecting, Info(file).RecoveryState);
        Assert.Equal(second.Core.RunId, Assert.Single(file.Core.Offers.All, offer => offer.Candidate.IsUsable).Candidate.Holder);
        first.Core.FinishLoading(null, first.Now);
        _network.Run(2_000);

        Assert.Equal("value", file.GetText("missing"));
        AssertFollow(file, first, second);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void TwoLines_TheMessageNamesTheMostAdvancedOfEachAndWhoHasIt()
    {
        CoreNode first = Grown(out _, ahead: 0, size: 10);
        CoreNode file = FileOf("first", seed: 5);
        _network.Kill("second");
        _network["master"].Set("missing", "value");
        _network.Run(100);
        _network.Kill("master");
        CoreNode stranger = Stranger();
        _network.Add("stranger", stranger);
        file.BeginRecovery();
        _network.Add("master", file);
        _network.Run(5_000);

        string message = Info(file).RecoveryMessage!;
        Assert.Equal(RecoveryState.Undecided, Info(file).RecoveryState);
        foreach (CoreNode holder in (CoreNode[])[first, stranger])
        {
            (MasterSession session, _) = file.Core.Offers.All.Single(offer => offer.Candidate.Holder == holder.Core.RunId);
            Assert.Contains($"{holder.Core.Data.History.Id} at offset {holder.Offset} with {holder.Core.Data.Store.Count} entries, offered by {session.Peer}", message, StringComparison.Ordinal);
        }

        Assert.Contains($"This node has {file.Core.Data.History.Id} at offset {file.Offset} with 50 entries.", message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public void MiddleNodeThatLostItsDataToo_HandsUpWhatItsReplicaHas()
    {
        Chain(out CoreNode middle, out CoreNode leaf);
        _network.Kill("middle");
        CoreNode master = Restart(new NodeSettings { ExpectedReplicas = 1 });
        CoreNode restarted = _network.Add("middle", Follower(22));
        restarted.Core.BeginListening(restarted.Now);
        _network.Run(8_000);

        Assert.NotNull(master.GetText("key 0"));
        Assert.Equal(leaf.Digest, master.Digest);
        Assert.Equal((0, 0), (master.Counters.SyncFull, restarted.Counters.SyncFull));
        AssertFollow(master, restarted, leaf);
        Assert.NotEqual(middle.Core.RunId, restarted.Core.RunId);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public void MiddleNodeWithItsData_KeepsItsReplicaStreaming()
    {
        Chain(out CoreNode middle, out CoreNode leaf);
        long attached = leaf.Counters.PartialResyncsCompleted + leaf.Counters.FullSyncsCompleted;
        CoreNode master = Restart();
        _network.Run(5_000);

        AssertFollow(master, middle, leaf);
        Assert.Equal(attached, leaf.Counters.PartialResyncsCompleted + leaf.Counters.FullSyncsCompleted);
        Assert.Equal(0, master.Counters.SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void Demoted_WhileRecovering_FollowsAndRecoversNothing()
    {
        CoreNode first = Grown(out CoreNode second, ahead: 0, size: 10);
        CoreNode master = Restart();
        _network.Run(500);
        first.Core.Promote(force: false, first.Now);
        master.Follow(isOrdered: true, master: "first");
        second.Follow(isOrdered: true, master: "first");
        _network.Run(3_000);

        Assert.Null(master.Core.Recovery);
        AssertFollow(first, master, second);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void TwoMastersStart_EachTakesFromItsOwnReplicas()
    {
        CoreNode first = Grown(out CoreNode second, ahead: 0, size: 10);
        _network.Kill("second");

        // Another process with the same data, whose master has always been the other one.
        second.Core.LastFollowedMaster = null;
        second.Follow(master: "other");
        _network.Add("second", second);
        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, seed: 31));
        CoreNode master = Restart();
        _network.Run(5_000);

        AssertFollow(master, first);
        AssertFollow(other, second);
        Assert.Equal(master.Digest, other.Digest);
        Assert.NotEqual(master.Core.Data.History.Id, other.Core.Data.History.Id);
    }

    private static ReplicationInfo Info(CoreNode node) => new ReplicationInfoBuilder(node.Core, node.Now).Build([]);

    /// <summary>A master with two replicas, one of which misses the last entries. The master is there when this returns.</summary>
    private CoreNode Grown(out CoreNode second, int ahead, int size)
    {
        CoreNode master = _network.Add("master", CoreNode.Master(_time));
        CoreNode first = _network.Add("first", Follower(2));
        CoreNode behind = second = _network.Add("second", Follower(3));
        for (int i = 0; i < 50; i++)
        {
            master.Set($"key {i}", new byte[size]);
        }

        _network.Run(200);
        _network.MayMove = pair => pair.Link != behind.Core.Upstream?.Link;
        for (int i = 0; i < ahead; i++)
        {
            master.Set($"late {i}", new byte[size]);
        }

        _network.Settle();
        _network.MayMove = _ => true;
        if (ahead > 0)
        {
            _network.Kill("master");
        }

        return first;
    }

    private void Chain(out CoreNode middle, out CoreNode leaf)
    {
        CoreNode master = _network.Add("master", CoreNode.Master(_time));
        middle = _network.Add("middle", Follower(2));
        leaf = new CoreNode(_time, seed: 3);
        leaf.Follow(master: "middle");
        _network.Add("leaf", leaf);
        for (int i = 0; i < 50; i++)
        {
            master.Set($"key {i}", new byte[100]);
        }

        _network.Run(2_000);
        AssertFollow(master, middle, leaf);
    }

    /// <summary>A node that has what another one has now, as if it had been saved to a file.</summary>
    private CoreNode FileOf(string name, int seed)
    {
        var file = new CoreNode(_time, seed: seed);
        file.Follow(master: "master");
        _network.Add("file", file);
        _network.Run(200);
        Assert.Equal(_network[name].Offset, file.Offset);
        _network.Kill("file");
        return file;
    }

    private CoreNode Restart(NodeSettings? settings = null, int seed = 21)
    {
        if (_network.Has("master"))
        {
            _network.Kill("master");
        }

        return _network.Add("master", CoreNode.RecoveringMaster(_time, settings, seed));
    }

    private CoreNode Follower(int seed)
    {
        var node = new CoreNode(_time, seed: seed);
        node.Follow(master: "master");
        return node;
    }

    /// <summary>A replica with data of another line, which now follows the master.</summary>
    private CoreNode Stranger()
    {
        CoreNode stranger = _network.MakeStranger();
        stranger.Follow(master: "master");
        return stranger;
    }
}
