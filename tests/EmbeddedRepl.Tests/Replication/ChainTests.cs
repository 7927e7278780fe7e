using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class ChainTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _root;
    private readonly CoreNode _middle;
    private readonly CorePair _upper;

    public ChainTests()
    {
        _root = CoreNode.Master(_time);
        _root.Set("key", "value");
        _middle = CoreNode.Replica(_time, new NodeSettings { ChunkSize = 100, MaxConcurrentFullSyncs = 1 });
        _upper = new CorePair(_root, _middle);
        _upper.Pump();
    }

    [Fact]
    [Trait("Behaviour", "C1")]
    public void Write_OnTheRoot_ReachesTheEndOfTheChainWithTheSameIdAndOffset()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        var lower = new CorePair(_middle, leaf) { PieceSize = 3 };
        lower.Pump();
        _root.Set("more", new byte[1_000]);
        _root.Remove("key");
        _upper.Pump();
        lower.Pump();

        Assert.Equal((_root.Core.Data.History.Id, _root.Offset), (leaf.Core.Data.History.Id, leaf.Offset));
        Assert.Equal(_root.Digest, leaf.Digest);
        Assert.Null(leaf.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "C2")]
    public void Middle_LosesItsLinkAndContinues_TheLeafStays()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        var lower = new CorePair(_middle, leaf);
        lower.Pump();
        _upper.Break();
        _root.Set("more", "value");
        var again = new CorePair(_root, _middle);
        again.Pump();
        lower.Pump();

        Assert.True(leaf.Core.IsLinkUp);
        Assert.Equal(_root.Digest, leaf.Digest);
        Assert.Equal(1, _root.Counters.SyncPartialOk);
    }

    [Fact]
    [Trait("Behaviour", "C7")]
    public void Promote_MiddleWithUnsentStream_TellsTheNewIdExactlyAtItsOffset()
    {
        var leaf = new ScriptedReplica(_middle);
        leaf.BeginStreaming();
        long start = _middle.Offset;
        _root.Set("before", new byte[950]);
        _upper.Pump();
        _middle.Core.Promote(force: false, _middle.Now);
        long promoted = _middle.Offset;
        _middle.Set("after", new byte[950]);

        long position = start;
        long changedAt = -1;
        foreach (SentFrame frame in leaf.Take())
        {
            if (frame.Type == FrameType.StreamChunk)
            {
                position += frame.Payload.Length - sizeof(long);
            }
            else if (frame.Type == FrameType.HistoryChanged)
            {
                HistoryChangedFrame changed = frame.Read<HistoryChangedFrame>();
                Assert.Equal((_middle.Core.Data.History.Id, promoted), (changed.NewId, changed.Offset));
                changedAt = position;
            }
        }

        Assert.Equal((promoted, _middle.Offset), (changedAt, position));
    }

    [Fact]
    [Trait("Behaviour", "C7")]
    public void Promote_MiddleWithALeaf_TheLeafGoesOnUnderTheNewIdWithoutASync()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        var lower = new CorePair(_middle, leaf);
        lower.Pump();
        _middle.Core.Promote(force: false, _middle.Now);
        _middle.Set("after", "promotion");
        lower.Pump();

        Assert.Equal((_middle.Core.Data.History.Id, _middle.Offset), (leaf.Core.Data.History.Id, leaf.Offset));
        Assert.Equal(_middle.Digest, leaf.Digest);
        Assert.Equal((1, 0), (_middle.Counters.SyncFull, _middle.Counters.SyncPartialOk));
    }

    [Fact]
    public void HistoryChanged_AtAnotherOffset_IsTheMastersError()
    {
        _upper.Break();
        var master = new ScriptedMaster(_middle);
        master.ShakeHands();
        ReplicationHistory own = _middle.Core.Data.History;
        master.Give(new ContinueFrame(own.Id, _middle.Offset, own.OriginId, own.Ancestors));
        ReplicationHistory next = own.Continue(Histories.Id(9), _middle.Offset, AncestorEnd.Promotion);
        master.Give(new HistoryChangedFrame(next.Id, _middle.Offset + 1, next.Ancestors, next.OriginId));

        Assert.Equal(CloseReason.ProtocolViolation, master.Link.ClosedFor);
        Assert.Equal(own.Id, _middle.Core.Data.History.Id);
    }

    [Fact]
    public void HistoryChanged_DuringAFullSync_IsTakenOverWithTheNewData()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        for (int i = 0; i < 50; i++)
        {
            _root.Set($"key {i}", new byte[100]);
        }

        _upper.Pump();
        var lower = new CorePair(_middle, leaf);
        bool promoted = false;
        lower.Between = () =>
        {
            if (!promoted && leaf.Core.Upstream!.Link?.Load is { Entries: > 10 })
            {
                promoted = true;
                _middle.Core.Promote(force: false, _middle.Now);
                _middle.Set("after", "promotion");
            }
        };
        lower.Pump();

        Assert.True(promoted);
        Assert.Equal(_middle.Core.Data.History.Id, leaf.Core.Data.History.Id);
        Assert.Equal(_middle.Digest, leaf.Digest);
    }

    [Fact]
    [Trait("Behaviour", "A18")]
    public void Swap_MiddleTakesAnotherHistory_ClosesEverySubReplicaWhichThenDecidesAnew()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        var lower = new CorePair(_middle, leaf);
        lower.Pump();
        SwapMiddle();
        lower.Pump();

        Assert.Equal(CloseReason.DataSwapped, lower.Session.ClosedFor);
        Assert.Contains(nameof(ErrorCode.HistoryReplaced), leaf.Core.Upstream!.DownReason, StringComparison.Ordinal);
        Assert.Equal("value", leaf.GetText("key"));

        // Numbers overlap, histories do not: the leaf must not go on with the other's bytes. What the middle node was ordered to give up, the leaf does, too.
        Assert.InRange(leaf.Offset, _middle.Core.Data.Log.FirstOffset, _middle.Offset);
        new CorePair(_middle, leaf).Pump();
        Assert.Equal((0, 2), (_middle.Counters.SyncPartialOk, _middle.Counters.SyncFull));
        Assert.Equal("other", leaf.GetText("key"));
        Assert.Equal(_middle.Digest, leaf.Digest);
    }

    [Fact]
    [Trait("Behaviour", "A18")]
    public void Swap_WhileASnapshotIsBeingEncoded_TheSessionEndsWithItsReason()
    {
        var leaf = new ScriptedReplica(_middle);
        leaf.AskForFullSync();
        var output = new ArrayBufferWriter<byte>();
        SendWork work = leaf.Session.NextWork(output, _middle.Now);
        Assert.Equal(SendKind.Snapshot, work.Kind);
        SwapMiddle();
        leaf.Session.Encode(work, output);
        leaf.Session.Complete(work, _middle.Now);

        Assert.Equal(ErrorCode.HistoryReplaced, leaf.Take()[^1].Read<ErrorFrame>().Code);
    }

    [Theory]
    [Trait("Behaviour", "A18")]
    [InlineData(true)]
    [InlineData(false)]
    public void Swap_WithOneThatWaitsInLine_LetsNobodyInWhoIsClosedAtOnce(bool waitingWasAcceptedFirst)
    {
        var first = new ScriptedReplica(_middle);
        var second = new ScriptedReplica(_middle);
        (ScriptedReplica waiting, ScriptedReplica running) = waitingWasAcceptedFirst ? (first, second) : (second, first);
        running.AskForFullSync();
        waiting.AskForFullSync();
        Assert.Equal(ReplicaSessionState.WaitingForSnapshot, waiting.Session.State);
        SwapMiddle();

        Assert.Equal(1, _middle.Counters.SyncFull);
        Assert.DoesNotContain(waiting.Take(), frame => frame.Type == FrameType.FullSyncStart);
        Assert.Equal((0, 0), (_middle.Core.FullSyncs.Running, _middle.Core.FullSyncs.Waiting));
    }

    private void SwapMiddle()
    {
        CoreNode other = CoreNode.Master(_time, seed: 20);

        // Exactly as long as the other history: offsets are equal by number.
        other.Set("key", "other");
        _middle.Follow(isOrdered: true);
        new CorePair(other, _middle).Pump();
        Assert.Equal("other", _middle.GetText("key"));
    }
}
