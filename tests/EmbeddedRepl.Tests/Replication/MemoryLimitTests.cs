using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class MemoryLimitTests
{
    private const long Limit = 8 << 20;

    private static readonly NodeSettings Limited = new() { Store = new StoreOptions { MaxBytes = Limit } };

    private readonly ManualTimeProvider _time = new();

    [Fact]
    [Trait("Behaviour", "J1")]
    public void Writes_FarBeyondTheLimit_AreAllAcceptedWithinItAndReplicasAreEqual()
    {
        CoreNode master = CoreNode.Master(_time, Limited);
        CoreNode replica = CoreNode.Replica(_time);
        var pair = new CorePair(master, replica);
        pair.Pump();
        for (int i = 0; i < 100_000; i++)
        {
            master.Set($"key-number-{i}", new byte[200]);
            Assert.NotNull(master.Get($"key-number-{i}"));
            Assert.InRange(master.Core.Data.Store.UsedBytes, 0, Limit);
            if (i % 1_000 == 0)
            {
                pair.Pump();
            }
        }

        pair.Pump();
        Assert.InRange(master.Counters.Evictions, 65_000, 85_000);
        Assert.Equal(100_000, master.Core.Data.Store.Count + master.Counters.Evictions);
        Assert.Equal((master.Offset, master.Digest), (replica.Offset, replica.Digest));
        Assert.Equal(master.Core.Data.Store.Count, replica.Core.Data.Store.Count);
        Assert.Equal(0, replica.Counters.Evictions);
    }

    [Fact]
    [Trait("Behaviour", "J1")]
    public void Writes_OfChangingSizes_AreAllAcceptedWithinTheLimit()
    {
        CoreNode master = CoreNode.Master(_time, Limited);
        Random random = new(5);
        for (int i = 0; i < 30_000; i++)
        {
            // Sizes drift, so that memory which was bound to some has to serve others; now and then a large one comes.
            int size = random.Next(200) == 0 ? random.Next(2 << 20) : random.Next(10 + (i / 5));
            master.Set($"key {random.Next(5_000)}", new byte[size]);
            Assert.InRange(master.Core.Data.Store.UsedBytes, 0, Limit);
        }

        Assert.True(master.Counters.Evictions > 1_000);
        Assert.Equal(master.Digest, master.Core.Data.Store.Recount(out long count));
        Assert.Equal(master.Core.Data.Store.Count, count);
        Assert.InRange(EntryBytes(master), Limit / 2, Limit);
    }

    [Fact]
    [Trait("Behaviour", "J2")]
    public void Write_LargerThanTheLimit_IsRefusedByItsTypeAndNothingIsEvicted()
    {
        CoreNode master = CoreNode.Master(_time, Limited);
        Fill(master, 1_000);
        (long Offset, StoreDigest Digest) before = (master.Offset, master.Digest);

        CacheFullException refusal = Assert.Throws<CacheFullException>(() => master.Set("large", new byte[Limit]));

        Assert.Contains("MemoryLimit (8388608 bytes)", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, (master.Offset, master.Digest));
        Assert.Equal(0, master.Counters.Evictions);
    }

    [Fact]
    [Trait("Behaviour", "J2")]
    public void Write_NearlyAsLargeAsTheLimit_EvictsAllThatIsInItsWay()
    {
        CoreNode master = CoreNode.Master(_time, Limited);
        Fill(master, 30_000);

        master.Set("large", new byte[Limit - (2 << 20)]);

        Assert.Equal(Limit - (2 << 20), master.Get("large")!.Length);
        Assert.InRange(master.Core.Data.Store.UsedBytes, 0, Limit);
    }

    [Fact]
    [Trait("Behaviour", "J3")]
    public void Limit_LoweredWhileTheNodeRuns_IsReachedInBitesThroughTheStream()
    {
        CoreNode master = CoreNode.Master(_time);
        CoreNode replica = CoreNode.Replica(_time);
        var pair = new CorePair(master, replica);
        Fill(master, 60_000);
        long before = master.Core.Data.Store.UsedBytes;
        Assert.True(before > Limit);

        master.Core.ChangeSettings(Limited, master.Now);

        var housekeeping = new Housekeeping(master.Core);
        int bites = 1;
        while (true)
        {
            long evicted = master.Counters.Evictions;
            bool more = housekeeping.Run(master.Now);
            Assert.InRange(master.Counters.Evictions - evicted, 0, 256);
            if (!more && master.Core.Data.Store.UsedBytes <= Limit)
            {
                break;
            }

            Assert.InRange(++bites, 0, 10_000);
        }

        pair.Pump();
        Assert.InRange(bites, 50, 1_000);
        Assert.Equal((master.Offset, master.Digest), (replica.Offset, replica.Digest));

        master.Core.ChangeSettings(new NodeSettings(), master.Now);
        long evictions = master.Counters.Evictions;
        Fill(master, 60_000);
        Assert.Equal((60_000, evictions), (master.Core.Data.Store.Count, master.Counters.Evictions));
    }

    [Fact]
    [Trait("Behaviour", "J3")]
    public void Limit_LoweredBelowTheIndexAlone_LeavesAStoreThatCanBeWrittenTo()
    {
        CoreNode master = CoreNode.Master(_time);
        for (int i = 0; i < 400_000; i++)
        {
            master.Set($"{i}", []);
        }

        master.Core.ChangeSettings(Limited with { Store = new StoreOptions { MaxBytes = 4 << 20 } }, master.Now);
        var housekeeping = new Housekeeping(master.Core);
        while (housekeeping.Run(master.Now))
        {
        }

        master.Set("key", new byte[1_000]);
        Assert.NotNull(master.Get("key"));
        Assert.InRange(master.Core.Data.Store.UsedBytes, 0, 4 << 20);
    }

    [Fact]
    [Trait("Behaviour", "J4")]
    public void Promote_ReplicaAtItsLimit_EvictsFromThenOn()
    {
        CoreNode master = CoreNode.Master(_time, Limited);
        const long ReplicaLimit = Limit - (512 << 10);
        CoreNode replica = CoreNode.Replica(_time, Limited with { Store = new StoreOptions { MaxBytes = ReplicaLimit } });
        var pair = new CorePair(master, replica);
        pair.Pump();
        Fill(master, 50_000);
        pair.Pump();
        Assert.Equal(master.Digest, replica.Digest);
        Assert.True(replica.Core.Data.Store.IsOverTarget);
        new Housekeeping(replica.Core).Run(replica.Now);
        Assert.Equal((master.Digest, 0), (replica.Digest, replica.Counters.Evictions));

        replica.Core.Promote(force: false, replica.Now);
        Fill(replica, 50_000, "other");

        Assert.True(replica.Counters.Evictions > 10_000);
        Assert.InRange(replica.Core.Data.Store.UsedBytes, 0, ReplicaLimit);
    }

    [Fact]
    [Trait("Behaviour", "G8")]
    public void Replica_RecordBeyondItsLimit_ReportsItClosesTheLinkAndShowsAllBeforeIt()
    {
        CoreNode master = CoreNode.Master(_time);
        CoreNode replica = CoreNode.Replica(_time, Limited);
        CorePair pair = Connect(master, replica);
        List<(long Offset, StoreDigest Digest)> states = [];
        for (int i = 0; !pair.Link.IsClosed; i++)
        {
            master.Set($"key {i}", new byte[100_000]);
            states.Add((master.Offset, master.Digest));
            Assert.InRange(i, 0, 100);
            pair.Pump();
        }

        Assert.Equal(CloseReason.StoreFull, pair.Link.ClosedFor);
        Assert.Contains((replica.Offset, replica.Digest), states[..^1]);
        Assert.Contains("MemoryLimit (8388608 bytes)", Info(replica).MemoryShortage, StringComparison.Ordinal);
        Assert.Contains("MemoryLimit (8388608 bytes)", Info(replica).LinkDownReason, StringComparison.Ordinal);
        Assert.Null(Info(master).MemoryShortage);
        Assert.True(replica.Core.IsReady);

        // Attempts do not hide it, and a higher limit heals it.
        Assert.Equal(CloseReason.StoreFull, Retry(master, replica).Link.ClosedFor);
        Assert.NotNull(Info(replica).MemoryShortage);
        replica.Core.ChangeSettings(new NodeSettings(), replica.Now);
        Assert.False(Retry(master, replica).Link.IsClosed);
        Assert.Equal((master.Offset, master.Digest), (replica.Offset, replica.Digest));
        Assert.Null(Info(replica).MemoryShortage);
    }

    [Fact]
    [Trait("Behaviour", "A16")]
    public void FullSync_BeyondTheReplicasLimit_IsReportedItsDataStaysAndTheMasterGoesOn()
    {
        CoreNode master = CoreNode.Master(_time);
        Fill(master, 60_000);
        CoreNode replica = CoreNode.Replica(_time, Limited);

        CorePair pair = Connect(master, replica);

        Assert.Equal(CloseReason.StoreFull, pair.Link.ClosedFor);
        Assert.Contains("MemoryLimit (8388608 bytes)", Info(replica).MemoryShortage, StringComparison.Ordinal);
        Assert.Equal((0, 1), (replica.Core.Data.Store.Count, replica.Counters.FullSyncsFailed));
        Assert.Empty(master.Core.Sessions);
        master.Set("goes", "on");
        CoreNode other = CoreNode.Replica(_time, seed: 3);
        Connect(master, other);
        Assert.Equal(master.Digest, other.Digest);
    }

    [Fact]
    [Trait("Behaviour", "J6")]
    public void Expired_OfAMaster_AreCountedOnce()
    {
        CoreNode master = CoreNode.Master(_time);
        master.Set("short", [1], new EntryExpiration(master.Now.UtcMilliseconds + 1_000, 0, 0));
        master.Set("long", [1]);
        var housekeeping = new Housekeeping(master.Core);
        housekeeping.Run(master.Now);
        Assert.Equal(0, master.Counters.Expirations);

        master.Advance(1_000);
        housekeeping.Run(master.Now);
        housekeeping.Run(master.Now);

        Assert.Equal((1, 1), (master.Counters.Expirations, master.Core.Data.Store.Count));
    }

    private static CorePair Connect(CoreNode master, CoreNode replica)
    {
        var pair = new CorePair(master, replica);
        pair.Pump();
        return pair;
    }

    private CorePair Retry(CoreNode master, CoreNode replica)
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        return Connect(master, replica);
    }

    private static ReplicationInfo Info(CoreNode node) => new ReplicationInfoBuilder(node.Core, node.Now).Build([]);

    private static long EntryBytes(CoreNode node) => node.Core.Data.Store.Data.Allocator.PageBytes + node.Core.Data.Store.Data.Allocator.DedicatedBytes;

    private static void Fill(CoreNode node, int count, string prefix = "key")
    {
        for (int i = 0; i < count; i++)
        {
            node.Set($"{prefix}-number-{i}", new byte[200]);
        }
    }
}
