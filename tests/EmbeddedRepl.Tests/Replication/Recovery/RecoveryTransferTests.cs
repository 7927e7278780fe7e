using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Recovery;

/// <summary>What goes wrong while a restarted master takes data from a replica.</summary>
public sealed class RecoveryTransferTests
{
    private static readonly NodeSettings SmallChunks = new() { ChunkSize = 64 };

    private readonly ManualTimeProvider _time = new();
    private readonly CoreNetwork _network;
    private readonly CoreNode _first;
    private readonly CoreNode _second;

    public RecoveryTransferTests()
    {
        _network = new CoreNetwork(_time);
        CoreNode old = _network.Add("master", CoreNode.Master(_time));
        _first = _network.Add("first", Follower(2));
        _second = _network.Add("second", Follower(3));

        // All of the stream is in every backlog, so that a data set can be copied by replaying it.
        _network.Run(100);
        for (int i = 0; i < 10; i++)
        {
            old.Set($"key {i}", new byte[100]);
        }

        _network.Run(200);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Behaviour", "D13")]
    public void BestReplica_DiesAfterEveryPieceOfTheTransfer_NothingIsTornAndTheNextBestIsTaken(bool withFile)
    {
        MakeFirstTheBest();
        for (int pieces = 0; ; pieces++)
        {
            var network = new CoreNetwork(_time);
            CoreNode master = NewMaster(withFile);
            CoreNode best = Copy(_first, 50);
            CoreNode other = Copy(_second, 51);
            network.Add("master", master);
            network.Add("best", best);
            network.Add("other", other);
            int left = pieces;
            bool died = false;
            network.Between = pair =>
            {
                if (pair.Link == best.Core.Upstream?.Link && pair.Session.Transfer is not null && left-- == 0)
                {
                    died = true;
                    network.Kill("best");
                }
            };
            network.Run(10_000);

            Assert.True(master.Core.AcceptsWrites);
            Assert.True(other.Core.IsLinkUp || other.Core.Upstream!.Refusal is not null, other.Core.Upstream!.DownReason);
            if (other.Core.IsLinkUp)
            {
                Assert.Equal((master.Core.Data.History.Id, master.Offset, master.Digest), (other.Core.Data.History.Id, other.Offset, other.Digest));
            }

            Assert.Equal(master.Core.Data.Store.Recount(out long count), master.Digest);
            Assert.InRange(count, 10, 20);
            if (!died)
            {
                Assert.Equal(20, count);
                Assert.True(pieces > 10, "The transfer had too few pieces to prove anything.");
                return;
            }

            // Whatever came of it, what the lesser replica had is there.
            Assert.True(master.Offset >= _second.Offset);
            Assert.True(other.Core.IsLinkUp);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Behaviour", "D13")]
    public void BestReplica_LosesItsConnectionAfterEveryPiece_ComesBackAndIsTakenAfterAll(bool withFile)
    {
        MakeFirstTheBest();
        for (int pieces = 0; ; pieces++)
        {
            var network = new CoreNetwork(_time);
            CoreNode master = NewMaster(withFile);
            CoreNode best = Copy(_first, 50);
            CoreNode other = Copy(_second, 51);
            network.Add("master", master);
            network.Add("best", best);
            network.Add("other", other);
            int left = pieces;
            bool broke = false;
            network.Between = pair =>
            {
                if (!broke && pair.Link == best.Core.Upstream?.Link && pair.Session.Transfer is not null && left-- == 0)
                {
                    broke = true;
                    network.Break(best);
                }
            };
            network.Run(12_000);

            Assert.Equal(20, master.Core.Data.Store.Count);
            Assert.Equal(_first.Digest, master.Digest);
            Assert.True(best.Core.IsLinkUp && other.Core.IsLinkUp);
            Assert.Equal((0, 0), (best.Counters.FullSyncsCompleted, other.Counters.FullSyncsCompleted));
            if (!broke)
            {
                return;
            }
        }
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void PromotedReplica_DiesBeforeItsOwnIdWasReached_TheOneThatHasMoreOfTheCommonLineIsTaken()
    {
        CoreNode master = Copy(_second, 61);
        MakeFirstTheBest();
        CoreNode other = Copy(_first, 51);
        CoreNode promoted = Copy(_first, 50);
        promoted.Core.Promote(force: false, promoted.Now);
        promoted.Set("promoted", "value");
        promoted.Follow(master: "master");
        master.BeginRecovery();
        var network = new CoreNetwork(_time);
        network.Add("master", master);
        network.Add("promoted", promoted);
        int left = 10;
        network.Between = pair =>
        {
            if (pair.Session.Transfer is not null && left-- == 0)
            {
                network.Kill("promoted");
                network.Add("other", other);
            }
        };
        long inFile = master.Offset;
        network.Run(10_000);

        Assert.False(network.Has("promoted"));
        Assert.InRange(_first.Offset, inFile + 1, master.Offset);
        Assert.True(master.Core.AcceptsWrites);
        Assert.True(other.Core.IsLinkUp, other.Core.Upstream!.Refusal);
        Assert.Equal(_first.Digest, master.Digest);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public void MiddleNode_IsAskedForWhatItsReplicaHasWhileItLoads_LoadsFirstAndNeverGoesBack()
    {
        CoreNode file = Copy(_second, 52);
        MakeFirstTheBest();
        CoreNode leaf = Copy(_first, 51);
        leaf.Follow(master: "middle");
        var middle = new CoreNode(_time, SmallChunks, 50);
        middle.Core.BeginLoading(ReplicationRole.Replica);
        middle.Follow(master: "master");
        CoreNode master = CoreNode.RecoveringMaster(_time, SmallChunks, seed: 61);
        var network = new CoreNetwork(_time);
        network.Add("master", master);
        network.Add("middle", middle);
        network.Add("leaf", leaf);
        network.Run(40_000);
        long before = middle.Offset;
        middle.Core.FinishLoading(new EmbeddedRepl.Replication.Snapshots.LoadedSnapshot(CopyOf(file, middle), 0, "master"), middle.Now);
        Assert.True(middle.Offset >= before, $"Readers went back from {before} to {middle.Offset}.");
        network.Run(5_000);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal((_first.Offset, _first.Digest), (master.Offset, master.Digest));
        Assert.True(middle.Core.IsLinkUp && leaf.Core.IsLinkUp);
        Assert.Equal((master.Core.Data.History.Id, master.Digest), (middle.Core.Data.History.Id, middle.Digest));
        Assert.Equal(0, middle.Counters.FullSyncsCompleted + leaf.Counters.FullSyncsCompleted);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public void ReplicaThatBeganAsAStandAloneNode_GivesWhatItHas()
    {
        var holder = new CoreNode(_time, new NodeSettings { KeepsStream = false }, seed: 50);
        holder.Core.BeginAsMaster();
        holder.Follow(isOrdered: true, master: "master");
        _network.Add("holder", holder);
        _network["master"].Set("key", "value");
        _network.Run(500);
        Assert.True(holder.Core.IsLinkUp);
        _network.Kill("first");
        _network.Kill("second");
        CoreNode master = Restarted();
        _network.Run(5_000);

        Assert.Equal("value", master.GetText("key"));
        Assert.True(holder.Core.IsLinkUp);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public void MiddleNode_AskedForItsOwnDataAndThenForThatOfItsReplica_GivesOneAfterTheOther()
    {
        CoreNode middle = Copy(_second, 50);
        MakeFirstTheBest();
        CoreNode leaf = Copy(_first, 51);
        leaf.Follow(master: "middle");
        leaf.Core.LastFollowedMaster = null;
        CoreNode master = CoreNode.RecoveringMaster(_time, SmallChunks, seed: 61);
        var network = new CoreNetwork(_time);
        network.Add("master", master);
        network.Add("middle", middle);
        network.Between = pair =>
        {
            if (pair.Session.Transfer is not null && !network.Has("leaf"))
            {
                network.Add("leaf", leaf);
            }
        };
        network.Run(10_000);

        Assert.Equal(_first.Digest, master.Digest);
        Assert.Equal(2, master.Counters.RecoveriesTaken);
        Assert.DoesNotContain(master.Events.Lines, line => line.StartsWith("RecoveryFailed", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void BestReplica_LosesItsConnectionLate_StillHasAWindowToComeBack()
    {
        MakeFirstTheBest();
        CoreNode master = CoreNode.RecoveringMaster(_time, SmallChunks with { RecoveryLimit = 7_000 }, seed: 61);
        CoreNode best = Copy(_first, 50);
        var network = new CoreNetwork(_time);
        network.Add("master", master);
        network.Add("best", best);
        network.Add("other", Copy(_second, 51));
        int left = 10;
        network.Between = pair =>
        {
            if (pair.Session.Transfer is not null && left-- == 0)
            {
                network.Kill("best");
            }
        };
        network.Run(4_000);
        Assert.False(network.Has("best"));

        network.Add("best", best);
        network.Run(3_000);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal(_first.Digest, master.Digest);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void BestReplica_StallsButAcknowledges_IsLeftAfterTheLinkTimeout()
    {
        MakeFirstTheBest();
        var settings = new NodeSettings { LinkTimeout = 20_000 };
        CoreNode master = CoreNode.RecoveringMaster(_time, settings, seed: 61);
        _network.Add("master", master);
        _network.Run(2_000);
        var peer = new ScriptedReplica(master);
        peer.ShakeHands();
        Offer(peer, _first, ahead: 1_000);
        _network.Run(1_100);
        Assert.Equal(RecoveryMode.Full, peer.TakeOne<RecoveryRequestFrame>().Mode);
        for (int i = 0; i < 30; i++)
        {
            peer.Give(new AckFrame(0, 0, 0, 0));
            _network.Run(1_000);
        }

        Assert.Equal(CloseReason.NoProgress, peer.Endpoint.ClosedFor);
        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal(_first.Digest, master.Digest);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void Replica_GivesSomethingElseThanItOffered_IsNotTakenNorAskedAgain()
    {
        _network.Kill("master");
        _network.Kill("first");
        _network.Kill("second");
        CoreNode master = CoreNode.RecoveringMaster(_time, seed: 61);
        _network.Add("master", master);
        var loading = new ScriptedReplica(master);
        loading.ShakeHands(runId: CoreNode.RunIdOf(98));
        loading.Ask(ReplicationHistory.None, 0);
        loading.Give(RecoveryCandidate.Later(CoreNode.RunIdOf(98)).ToFrame());
        var peer = new ScriptedReplica(master);
        peer.ShakeHands();
        Offer(peer, _first);
        _network.Run(30_100);
        Assert.Contains(peer.Take(), frame => frame.Type == FrameType.RecoveryRequest);
        DataSet data = _first.Core.Data;
        peer.Give(new FullSyncStartFrame(
            data.History.Id, data.History.OriginId, data.History.Ancestors, data.Offset, data.Store.Seed.ToWire(), 0, 0));
        peer.Give(new SnapshotEndFrame(0, UInt128.Zero, data.Offset, 0, UInt128.Zero));
        peer.Give(new RecoveryEndFrame(data.Offset, data.Store.Digest.Sum, data.Store.Count));
        Assert.Equal(CloseReason.DigestMismatch, peer.Endpoint.ClosedFor);
        Assert.Equal(RecoveryState.Collecting, master.Core.Recovery!.State);

        var again = new ScriptedReplica(master);
        again.ShakeHands(runId: peer.RunId);
        Offer(again, _first);
        loading.Give(RecoveryCandidate.Nothing(CoreNode.RunIdOf(98)).ToFrame());

        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal((0, 1, 0), (master.Core.Data.Store.Count, master.Counters.DigestMismatches, master.Counters.RecoveriesTaken));
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void OwnDataThatDiffers_IsFoundByTheDigestAndTakenAnewAsAWhole()
    {
        CoreNode file = Copy(_second, 60);
        MakeFirstTheBest();
        file.Core.Data.Store.Set(file.Core.Data.Store.MakeKey("bad"u8), new System.Buffers.ReadOnlySequence<byte>([1]), default, 1, 1);
        file.BeginRecovery();
        _network.Add("master", file);
        _network.Run(5_000);

        Assert.True(file.Core.AcceptsWrites);
        Assert.Equal(["Partial", "Full"], file.Events.Lines.Where(line => line.StartsWith("RecoveryTaking ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]));
        Assert.Equal(_first.Digest, file.Digest);
        Assert.Null(file.GetText("bad"));
        Assert.Equal(0, file.Counters.SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void Limit_IsOverDuringATransfer_TheMasterBeginsWithWhatCame()
    {
        MakeFirstTheBest();
        CoreNode master = NewMaster(withFile: true);
        CoreNode best = Copy(_first, 50);
        long inFile = master.Offset;
        _network.Kill("first");
        _network.Kill("second");
        _network.Add("best", best);
        _network.Add("master", master);
        int pieces = 0;
        _network.MayMove = pair => pair.Session.Transfer is null || pieces++ < 10;
        _network.Run(59_000);
        Assert.Equal(RecoveryState.Taking, master.Core.Recovery!.State);

        _network.Run(2_000);

        Assert.True(master.Core.AcceptsWrites);
        Assert.InRange(master.Offset, inFile + 1, best.Offset - 1);
        _network.MayMove = _ => true;
        _network.Run(3_000);
        Assert.NotNull(best.Core.Upstream!.Refusal);
        Assert.Equal(20, best.Core.Data.Store.Count);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public void HolderWithoutTheMissingBytes_GivesEverything()
    {
        CoreNode file = Copy(_second, 60);
        MakeFirstTheBest();
        _first.Core.Data.Log.ReleaseBacklog();
        _network.Kill("second");
        file.BeginRecovery();
        _network.Add("master", file);
        _network.Run(5_000);

        Assert.Equal(1, file.Counters.RecoveriesTaken);
        Assert.Contains(_first.Events.Lines, line => line.StartsWith("RecoveryGiving master Full", StringComparison.Ordinal));
        Assert.Equal(_first.Digest, file.Digest);
        Assert.Equal((0, 1), (file.Counters.SyncFull, file.Counters.SyncPartialOk));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    [InlineData(100_000)]
    [Trait("Behaviour", "D8")]
    public void HolderWhoseBacklogBeginsWithinARecord_GivesItFromTheNextRecordOn(int backlog)
    {
        var settings = new NodeSettings { BacklogSize = backlog };
        var holder = new CoreNode(_time, settings, seed: 50);
        holder.Follow(master: "master");
        _network.Add("holder", holder);
        for (int i = 0; i < 2_000; i++)
        {
            _network["master"].Set($"key {i % 500}", new byte[i % 200]);
        }

        _network.Run(500);
        Assert.Equal(_network["master"].Offset, holder.Offset);
        _network.Kill("first");
        _network.Kill("second");
        CoreNode master = Restarted();
        _network.Run(5_000);

        Assert.Equal((holder.Offset, holder.Digest), (master.Offset, master.Digest));
        Assert.True(holder.Core.IsLinkUp);
        Assert.Equal(0, master.Counters.SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public void ReplicaWithALargeValue_GivesItInPieces()
    {
        _network["master"].Set("large", new byte[300_000]);
        _network.Run(500);
        CoreNode master = Restarted();
        _network.Run(5_000);

        Assert.Equal(300_000, master.Get("large")!.Length);
        Assert.Equal(_first.Digest, master.Digest);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void MasterWithoutMemoryForIt_KeepsItsOwnAndBegins()
    {
        _network["master"].Set("large", new byte[3_000_000]);
        _network.Run(500);
        CoreNode master = Restarted(new NodeSettings { Store = new() { MaxBytes = 1 << 20 } });
        _network.Run(70_000);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal(0, master.Core.Data.Store.Count);
        Assert.Equal(3_000_000, _first.Get("large")!.Length);
        Assert.NotNull(_first.Core.Upstream!.Refusal);
    }

    [Fact]
    public void Frames_ThatNobodyAskedFor_CloseTheConnection()
    {
        CoreNode master = CoreNode.RecoveringMaster(_time, seed: 61);
        var peer = new ScriptedReplica(master);
        peer.ShakeHands();
        Offer(peer, _first);
        peer.Give(new RecoveryEndFrame(0, UInt128.Zero, 0));

        Assert.Equal(CloseReason.ProtocolViolation, peer.Endpoint.ClosedFor);
        Assert.Empty(master.Core.Offers.All);
        Assert.Equal(RecoveryState.Collecting, master.Core.Recovery!.State);
    }

    [Fact]
    public void Request_ForWhatWasNotOffered_ClosesTheLink()
    {
        _network.Kill("master");
        _first.Advance(1_000);
        var master = new ScriptedMaster(_first);
        master.ShakeHands();
        master.Give(new NotNowFrame(NotNowReason.Recovering, "", 0, []));
        Assert.Equal(_first.Offset, master.TakeOne<RecoveryOfferFrame>().Offset);
        master.Give(new RecoveryRequestFrame(CoreNode.RunIdOf(77), RecoveryMode.Full, 0));

        Assert.True(master.Endpoint.IsClosed);
        Assert.Equal("value", _first.GetText("key 0") is null ? "" : "value");
    }

    private static void Offer(ScriptedReplica peer, CoreNode holder, long ahead = 0)
    {
        DataSet data = holder.Core.Data;
        peer.Ask(data.History, data.Offset + ahead, holdsData: true);
        Assert.Equal(NotNowReason.Recovering, peer.TakeOne<NotNowFrame>().Reason);
        peer.Give(new RecoveryOfferFrame(
            peer.RunId, data.History.Id, data.Offset + ahead, data.History.OriginId, data.History.Ancestors, data.Store.Count,
            data.Store.Digest.Sum, RecoverySource.Memory));
    }

    /// <summary>Ten more entries that only the first replica gets; then the master is gone.</summary>
    private void MakeFirstTheBest()
    {
        _network.MayMove = pair => pair.Link != _second.Core.Upstream?.Link;
        for (int i = 10; i < 20; i++)
        {
            _network["master"].Set($"key {i}", new byte[100]);
        }

        _network.Settle();
        _network.MayMove = _ => true;
        _network.Kill("master");
    }

    private CoreNode NewMaster(bool withFile)
    {
        if (!withFile)
        {
            return CoreNode.RecoveringMaster(_time, SmallChunks, seed: 61);
        }

        CoreNode file = Copy(_second, 61);
        file.BeginRecovery();
        return file;
    }

    /// <summary>Another process with the same data, as if from its file.</summary>
    private CoreNode Copy(CoreNode original, int seed)
    {
        var copy = new CoreNode(_time, SmallChunks, seed);
        copy.Core.Swap(CopyOf(original, copy), copy.Now);
        Assert.Equal((original.Offset, original.Digest), (copy.Offset, copy.Digest));
        copy.Follow(master: "master");
        return copy;
    }

    private static DataSet CopyOf(CoreNode original, CoreNode target)
    {
        DataSet from = original.Core.Data;
        DataSet to = target.Core.CreateDataSet(from.History, from.Log.FirstOffset, from.Store.Seed);
        using var records = new RecordAssembler(new RecordLimits(65_000, 64 << 20), new EmbeddedRepl.Replication.Replica.StreamSink(to));
        StreamCursor cursor = from.Log.OpenCursor(from.Log.FirstOffset);
        while (cursor.TryLease(int.MaxValue, long.MaxValue, out StreamLease lease))
        {
            records.Feed(lease.Bytes.Span);
            lease.Release();
        }

        cursor.Close();
        return to;
    }

    private CoreNode Restarted(NodeSettings? settings = null)
    {
        _network.Kill("master");
        return _network.Add("master", CoreNode.RecoveringMaster(_time, settings, seed: 61));
    }

    private CoreNode Follower(int seed)
    {
        var node = new CoreNode(_time, seed: seed);
        node.Follow(master: "master");
        return node;
    }
}
