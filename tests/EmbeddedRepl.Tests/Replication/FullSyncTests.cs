using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>Full syncs that fail on their way: the old data stays as it was, and the next attempt succeeds.</summary>
public sealed class FullSyncTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;

    public FullSyncTests()
    {
        _master = CoreNode.Master(_time, new NodeSettings { ChunkSize = 300 });
        for (int i = 0; i < 20; i++)
        {
            _master.Set($"key {i}", $"new {i}");
        }

        // A former master with data of its own that is ordered to follow.
        _replica = CoreNode.Master(_time, seed: 2);
        _replica.Set("key 0", "old");
        _replica.Set("mine", "old");
        _replica.Follow(isOrdered: true);
    }

    [Fact]
    [Trait("Behaviour", "A2")]
    public void FullSync_ReplicaWithoutData_HasAllOfItAndTheCountersOfOneSync()
    {
        CoreNode fresh = CoreNode.Replica(_time, seed: 3);
        Assert.False(fresh.Core.IsReady);
        new CorePair(_master, fresh).Pump();

        AssertEqualToMaster(fresh);
        Assert.Equal((1, 0, 0), (_master.Counters.SyncFull, _master.Counters.SyncPartialOk, _master.Counters.SyncPartialErr));
        Assert.Equal(1, fresh.Events.Count("LinkUp"));
    }

    [Fact]
    [Trait("Behaviour", "A6")]
    public void FullSync_OverOtherData_ServesTheOldUntilTheSwapAndThenOnlyTheNew()
    {
        var pair = new CorePair(_master, _replica);
        int steps = 0;
        pair.Between = () =>
        {
            bool swapped = _replica.Core.IsLinkUp;
            Assert.Equal(swapped ? 20 : 2, _replica.Core.Data.Store.Count);
            Assert.Equal(swapped ? "new 0" : "old", _replica.GetText("key 0"));
            Assert.Equal(swapped ? null : "old", _replica.GetText("mine"));
            steps++;
        };
        pair.Pump();

        Assert.True(steps > 5);
        AssertEqualToMaster(_replica);
    }

    [Fact]
    [Trait("Behaviour", "A7")]
    public void FullSync_LinkDiesAfterEveryByte_OldDataIntactEachTimeAndFinallyEqual()
    {
        List<SentFrame> transfer = Transfer();
        byte[] bytes = [.. transfer.SelectMany(Bytes)];
        for (int cut = 0; cut < bytes.Length; cut += 7)
        {
            ScriptedMaster master = Accepted();
            master.GiveBytes(bytes.AsSpan(0, cut));
            master.Link.Close(CloseReason.ConnectionLost, "cut", _replica.Now);
            AssertOldDataIntact();
        }

        new CorePair(_master, _replica).Pump();
        AssertEqualToMaster(_replica);
    }

    [Theory]
    [Trait("Behaviour", "A8")]
    [InlineData("EntriesSent")]
    [InlineData("DigestOfSent")]
    [InlineData("EndOffset")]
    [InlineData("EntryCountAtEnd")]
    [InlineData("DigestAtEnd")]
    public void SnapshotEnd_ThatDoesNotMatch_IsDiscardedWithTheReasonAndTheOldDataStays(string field)
    {
        List<SentFrame> transfer = Transfer();
        ScriptedMaster master = Accepted();
        foreach (SentFrame frame in transfer)
        {
            if (frame.Type != FrameType.SnapshotEnd)
            {
                master.GiveBytes(Bytes(frame));
                continue;
            }

            SnapshotEndFrame end = frame.Read<SnapshotEndFrame>();
            master.Give(field switch
            {
                "EntriesSent" => end with { EntriesSent = end.EntriesSent + 1 },
                "DigestOfSent" => end with { DigestOfSent = end.DigestOfSent + 1 },
                "EndOffset" => end with { EndOffset = end.EndOffset + 1 },
                "EntryCountAtEnd" => end with { EntryCountAtEnd = end.EntryCountAtEnd - 1 },
                _ => end with { DigestAtEnd = end.DigestAtEnd ^ 1 },
            });
        }

        AssertDiscarded(master, CloseReason.DigestMismatch);
        Assert.Equal(ErrorCode.DigestMismatch, master.Take()[^1].Read<ErrorFrame>().Code);
        new CorePair(_master, _replica).Pump();
        AssertEqualToMaster(_replica);
    }

    [Fact]
    [Trait("Behaviour", "A8")]
    public void SnapshotChunk_Missing_IsDiscarded()
    {
        List<SentFrame> transfer = Transfer();
        transfer.Remove(transfer.Last(frame => frame.Type == FrameType.SnapshotChunk));
        ScriptedMaster master = Accepted();
        foreach (SentFrame frame in transfer)
        {
            master.GiveBytes(Bytes(frame));
        }

        AssertDiscarded(master, CloseReason.DigestMismatch);
    }

    [Fact]
    [Trait("Behaviour", "A8")]
    public void SnapshotChunk_WithOneBitFlipped_IsDiscardedByItsChecksum()
    {
        List<SentFrame> transfer = Transfer();
        byte[] bytes = [.. transfer.SelectMany(Bytes)];
        for (int position = 0; position < bytes.Length; position += 13)
        {
            ScriptedMaster master = Accepted();
            bytes[position] ^= 0x10;
            master.GiveBytes(bytes);
            bytes[position] ^= 0x10;

            // A longer length may make it wait for bytes that never come; nothing is taken over in any case.
            master.Link.Close(CloseReason.ConnectionLost, "cut", _replica.Now);
            AssertOldDataIntact();
        }
    }

    [Fact]
    [Trait("Behaviour", "A8")]
    public void SnapshotChunk_WithARecordOfAnUnknownKind_IsDiscarded()
    {
        ScriptedMaster master = Accepted();
        master.GiveBytes(Bytes(Transfer()[0]));
        master.GiveSnapshot([0x94, 0x09, 0x00]);

        AssertDiscarded(master, CloseReason.ProtocolViolation);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    [Trait("Behaviour", "A16")]
    public void FullSync_LargerThanTheReplicasMemory_ClosesWithThatReasonAndTheMasterIsUnharmed(long entryEstimate)
    {
        CoreNode small = CoreNode.Replica(_time, new NodeSettings { Store = new StoreOptions { MaxBytes = 3 << 20 } }, seed: 4);
        var master = new ScriptedMaster(small);
        master.ShakeHands();
        master.Give(new FullSyncOfferFrame(Histories.Id(5), Histories.Id(5), 40, [], Override: false));
        master.Give(new FullSyncStartFrame(Histories.Id(5), Histories.Id(5), [], 40, 123, entryEstimate, 1));
        byte[] entry = new byte[RecordEncoder.MaxPrefixSize(10) + 100_000];
        for (int i = 0; i < 100 && !master.Link.IsClosed; i++)
        {
            int length = RecordEncoder.EncodeEntryPrefix(
                entry, System.Text.Encoding.UTF8.GetBytes($"key {i}"), 100_000, 1, 0, 0, 0, 1);
            master.GiveSnapshot(entry.AsSpan(0, length + 100_000));
        }

        Assert.Equal(CloseReason.StoreFull, master.Link.ClosedFor);
        Assert.False(small.Core.IsReady);
        Assert.Equal(1, small.Counters.FullSyncsFailed);
    }

    [Fact]
    [Trait("Behaviour", "A10")]
    [Trait("Behaviour", "A11")]
    public void FullSync_WritesAllTheWay_CompletesOnceWithinTheLimitAndIsEqual()
    {
        var settings = new NodeSettings { ReplicaOutputLimit = 256 << 10, BacklogSize = 0, ChunkSize = 4 << 10 };
        CoreNode master = CoreNode.Master(_time, settings, seed: 5);
        for (int i = 0; i < 1_000; i++)
        {
            master.Set($"key {i}", new byte[500]);
        }

        CoreNode replica = CoreNode.Replica(_time, settings, seed: 6);
        var pair = new CorePair(master, replica);
        var random = new Random(3);
        long written = 0;
        long largest = 0;
        pair.Between = () =>
        {
            // As much as one piece of stream carries away, until twenty times the limit has gone through.
            long before = master.Offset;
            while (written < 20 * settings.ReplicaOutputLimit && master.Offset - before < 3_500)
            {
                Change(master, random);
            }

            written += master.Offset - before;
            largest = Math.Max(largest, master.Core.Data.Log.RetainedBytes);
        };
        pair.Pump();

        Assert.InRange(written, 20 * settings.ReplicaOutputLimit, long.MaxValue);
        Assert.InRange(largest, 0, settings.ReplicaOutputLimit + 1_000 + (2 * StreamBlockPool.DefaultBlockSize));
        Assert.Equal((1, 0, 1), (master.Counters.SyncFull, master.Counters.OutputLimitDisconnects, replica.Counters.FullSyncsCompleted));
        Assert.Equal(master.Digest, replica.Digest);
        Assert.Equal(replica.Digest, replica.Core.Data.Store.Recount(out long count));
        Assert.Equal(master.Core.Data.Store.Count, count);
    }

    [Fact]
    [Trait("Behaviour", "A12")]
    public void FullSync_ClearInTheMiddle_EndsEqual()
    {
        var pair = new CorePair(_master, _replica);
        bool cleared = false;
        pair.Between = () =>
        {
            if (!cleared && _replica.Core.Upstream!.Link?.Load is { Entries: > 5 and < 20 })
            {
                cleared = true;
                _master.Core.Clear();
                _master.Set("after", "clear");
            }
        };
        pair.Pump();

        Assert.True(cleared);
        AssertEqualToMaster(_replica);
        Assert.Equal(1, _replica.Core.Data.Store.Count);
        Assert.Equal(0, _replica.Counters.FullSyncsFailed);
    }

    [Theory]
    [Trait("Behaviour", "A11")]
    [InlineData(true)]
    [InlineData(false)]
    public void FullSync_LargeValueChangedWhileItsPiecesAreSent_IsNotOvertakenByItsOwnChange(bool isRemoved)
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings { ChunkSize = 4 << 10 }, seed: 5);
        master.Set("large", new byte[200_000]);
        CoreNode replica = CoreNode.Replica(_time, seed: 6);
        var pair = new CorePair(master, replica);
        bool changed = false;
        pair.Between = () =>
        {
            if (!changed && replica.Core.Upstream!.Link?.Load is { SnapshotBytes: > 8_000 and < 100_000 })
            {
                changed = true;
                master.Set("large", "small");
                if (isRemoved)
                {
                    master.Remove("large");
                }
            }
        };
        pair.Pump();

        Assert.True(changed);
        Assert.Equal(isRemoved ? null : "small", replica.GetText("large"));
        Assert.Equal(master.Digest, replica.Digest);
        Assert.Equal((1, 0), (replica.Counters.FullSyncsCompleted, replica.Counters.FullSyncsFailed));
    }

    private static void Change(CoreNode master, Random random)
    {
        string key = $"key {random.Next(1_200)}";
        if (random.Next(4) == 0)
        {
            master.Remove(key);
        }
        else
        {
            master.Set(key, new byte[random.Next(800)]);
        }
    }

    private static byte[] Bytes(SentFrame frame)
    {
        byte[] bytes = new byte[FrameHeader.Size + frame.Payload.Length];
        new FrameHeader(frame.Payload.Length, frame.Type, 0).Format(bytes);
        uint checksum = Crc32C.Append(Crc32C.Append(Crc32C.Initial, bytes.AsSpan(0, FrameHeader.ChecksummedSize)), frame.Payload);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(FrameHeader.ChecksummedSize), checksum);
        frame.Payload.CopyTo(bytes, FrameHeader.Size);
        return bytes;
    }

    /// <summary>What the master sends in a full sync: start, chunks, end.</summary>
    private List<SentFrame> Transfer()
    {
        var replica = new ScriptedReplica(_master);
        replica.AskForFullSync();
        List<SentFrame> frames = [.. replica.Take().Where(frame => frame.Type != FrameType.Heartbeat)];
        replica.Session.Close(CloseReason.ConnectionLost, "done", _master.Now);
        Assert.Equal(FrameType.SnapshotEnd, frames[^1].Type);
        Assert.InRange(frames.Count, 4, 100);
        return frames;
    }

    /// <summary>A link that has accepted an offer.</summary>
    private ScriptedMaster Accepted()
    {
        var master = new ScriptedMaster(_replica);
        master.ShakeHands();
        ReplicationHistory history = _master.Core.Data.History;
        master.Give(new FullSyncOfferFrame(history.Id, history.OriginId, _master.Offset, history.Ancestors, Override: false));
        master.TakeOne<FullSyncAcceptFrame>();
        return master;
    }

    private void AssertOldDataIntact()
    {
        Assert.Equal(2, _replica.Core.Data.Store.Count);
        Assert.Equal("old", _replica.GetText("key 0"));
        Assert.Equal("old", _replica.GetText("mine"));
        Assert.Equal(_replica.Digest, _replica.Core.Data.Store.Recount(out _));
    }

    private void AssertDiscarded(ScriptedMaster master, CloseReason reason)
    {
        Assert.Equal(reason, master.Link.ClosedFor);
        Assert.Equal(1, _replica.Counters.FullSyncsFailed);
        Assert.Equal(1, _replica.Events.Count("FullSyncDiscarded"));
        Assert.False(string.IsNullOrEmpty(_replica.Core.Upstream!.DownReason));
        AssertOldDataIntact();
    }

    private void AssertEqualToMaster(CoreNode replica)
    {
        Assert.Equal((_master.Core.Data.History.Id, _master.Offset), (replica.Core.Data.History.Id, replica.Offset));
        Assert.Equal(_master.Digest, replica.Digest);
        Assert.Equal(replica.Digest, replica.Core.Data.Store.Recount(out long count));
        Assert.Equal(_master.Core.Data.Store.Count, count);
    }
}
