using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class DigestTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;

    public DigestTests()
    {
        _master = CoreNode.Master(_time, new NodeSettings { ChunkSize = 100 });
        _replica = CoreNode.Replica(_time);
    }

    [Fact]
    public void Heartbeat_WritesBeforeAndAfter_StandsExactlyAtItsOffset()
    {
        var replica = new ScriptedReplica(_master);
        replica.BeginStreaming();
        _master.Set("before", new byte[950]);
        _master.Advance(0);
        (long Offset, UInt128 Sum) expected = (_master.Offset, _master.Digest.Sum);
        _master.Set("after", new byte[950]);

        long position = 0;
        bool seen = false;
        foreach (SentFrame frame in replica.Take())
        {
            if (frame.Type == FrameType.StreamChunk)
            {
                position += frame.Payload.Length - sizeof(long);
            }
            else if (frame.Read<HeartbeatFrame>().Digest is { } digest)
            {
                Assert.Equal(expected, (position, digest.Digest));
                Assert.Equal(position, digest.Offset);
                seen = true;
            }
        }

        Assert.True(seen);
        Assert.Equal(_master.Offset, position);
    }

    [Fact]
    public void Heartbeat_EqualData_IsSilent()
    {
        var pair = new CorePair(_master, _replica);
        for (int i = 0; i < 100; i++)
        {
            _master.Set($"key {i}", "value");
            pair.Pump();
            Advance(pair, 10_000);
        }

        Assert.Equal(0, _replica.Counters.DigestMismatches);
        Assert.True(_replica.Core.IsLinkUp);
    }

    [Fact]
    public void Heartbeat_DigestForAnotherOffset_IsTheMastersError()
    {
        var pair = new CorePair(_master, _replica);
        pair.Pump();
        pair.Break();
        var master = new ScriptedMaster(_replica);
        master.ShakeHands();
        ReplicationHistory own = _replica.Core.Data.History;
        master.Give(new ContinueFrame(own.Id, _replica.Offset, own.OriginId, own.Ancestors));
        master.Give(new HeartbeatFrame(1, 500, new OffsetDigest(_replica.Offset + 1, 0)));

        Assert.Equal(CloseReason.ProtocolViolation, master.Link.ClosedFor);
    }

    [Fact]
    public void Heartbeat_DataDiffers_IsCountedAndHealedByAFullSyncAtMostOnceAMinute()
    {
        _master.Set("key", "value");
        CorePair pair = Connect();
        Damage("key");
        Advance(pair, 10_000);

        Assert.Equal(1, _replica.Counters.DigestMismatches);
        Assert.Equal(CloseReason.DigestMismatch, pair.Link.ClosedFor);
        pair.Break();
        pair = Connect();
        Assert.Equal("value", _replica.GetText("key"));
        Assert.Equal((2, 2), (_master.Counters.SyncFull, _replica.Counters.FullSyncsCompleted));

        // Damaged again at once: it is counted with every heartbeat, and healed when a minute has passed since the last time.
        Damage("key");
        for (int i = 0; i < 5; i++)
        {
            Advance(pair, 10_000);
            Assert.True(_replica.Core.IsLinkUp);
        }

        Assert.InRange(_replica.Counters.DigestMismatches, 5, 7);
        Advance(pair, 10_000);
        Assert.Equal(CloseReason.DigestMismatch, pair.Link.ClosedFor);
        pair.Break();
        Connect();
        Assert.Equal("value", _replica.GetText("key"));
        Assert.Equal(3, _master.Counters.SyncFull);
    }

    private static void Advance(CorePair pair, CoreNode master, CoreNode replica, long milliseconds)
    {
        // In steps, so that neither end thinks that the other has gone.
        master.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        replica.Core.Tick(replica.Now);
        master.Core.Tick(master.Now);
        pair.Pump();
    }

    private void Advance(CorePair pair, long milliseconds) => Advance(pair, _master, _replica, milliseconds);

    private CorePair Connect()
    {
        var pair = new CorePair(_master, _replica);
        pair.Pump();
        Assert.True(_replica.Core.IsLinkUp);
        return pair;
    }

    private void Damage(string key)
    {
        CacheStore store = _replica.Core.Data.Store;
        store.Set(store.MakeKey(System.Text.Encoding.UTF8.GetBytes(key)), "damaged"u8, default, 1, 1);
    }
}
