using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class HousekeepingTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ManualTimeProvider _replicaTime = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;
    private readonly CorePair _pair;

    public HousekeepingTests()
    {
        _master = CoreNode.Master(_time);
        _replica = CoreNode.Replica(_replicaTime);
        _pair = new CorePair(_master, _replica);
        _pair.Pump();
    }

    [Fact]
    [Trait("Behaviour", "E2")]
    public void Replica_EntryExpiredAndDeletionNotArrived_MissesAndStillCountsIt()
    {
        SetExpiring("key", 1_000);
        _pair.Pump();
        _time.Advance(TimeSpan.FromSeconds(1));
        _replicaTime.Advance(TimeSpan.FromSeconds(1));
        long offset = _replica.Offset;
        Clean(_replica);

        Assert.Null(_replica.Get("key"));
        Assert.Equal((1, offset), (_replica.Core.Data.Store.Count, _replica.Offset));

        Clean(_master);
        _pair.Pump();

        Assert.Equal((0, _master.Offset), (_replica.Core.Data.Store.Count, _replica.Offset));
        Assert.True(_replica.Offset > offset);
    }

    [Fact]
    [Trait("Behaviour", "E3")]
    public void Replica_RecordOfAnEntryExpiredByItsOwnClock_IsApplied()
    {
        _replicaTime.Advance(TimeSpan.FromMinutes(5));
        SetExpiring("key", 1_000);
        _pair.Pump();
        Clean(_replica);

        Assert.Null(_replica.Get("key"));
        Assert.Equal(1, _replica.Core.Data.Store.Count);
        Assert.Equal(_master.Digest, _replica.Digest);
    }

    [Fact]
    [Trait("Behaviour", "E5")]
    public void Overwrite_WithoutExpiration_NothingOfTheOldOneRemains()
    {
        SetExpiring("key", 1_000);
        _master.Set("key", "forever");
        _time.Advance(TimeSpan.FromDays(1));
        _replicaTime.Advance(TimeSpan.FromDays(1));
        Clean(_master);
        _pair.Pump();

        Assert.Equal("forever", _replica.GetText("key"));
        Assert.Equal(_master.Digest, _replica.Digest);
    }

    [Fact]
    public void Master_MoreExpiredThanOneBite_RemovesAllInSeveralBites()
    {
        for (int i = 0; i < 5_000; i++)
        {
            SetExpiring($"key {i}", 1_000);
        }

        _master.Set("stays", "value");
        _time.Advance(TimeSpan.FromSeconds(1));
        int bites = Clean(_master);
        _pair.Pump();

        Assert.InRange(bites, 3, 1_000);
        Assert.Equal(1, _master.Core.Data.Store.Count);
        Assert.Equal(_master.Digest, _replica.Digest);
    }

    [Fact]
    [Trait("Behaviour", "E8")]
    public void Promote_ReplicaWithExpiredEntries_RemovesThemFromThenOn()
    {
        SetExpiring("key", 1_000);
        _pair.Pump();
        _replicaTime.Advance(TimeSpan.FromSeconds(1));
        Clean(_replica);
        Assert.Equal(1, _replica.Core.Data.Store.Count);

        _replica.Core.Promote(force: false, _replica.Now);
        Clean(_replica);

        Assert.Equal(0, _replica.Core.Data.Store.Count);
    }

    [Fact]
    [Trait("Behaviour", "E7")]
    public void Master_HotSlidingEntry_AHandfulOfTouchesPerWindow()
    {
        _master.Set("hot", [1], new EntryExpiration(_master.Now.UtcMilliseconds + 8_000, 8_000, 0));
        long before = _master.Offset;
        int records = 0;
        for (int i = 0; i < 8_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.NotNull(_master.Get("hot"));
            long offset = _master.Offset;
            Clean(_master);
            records += _master.Offset > offset ? 1 : 0;
        }

        _pair.Pump();
        Assert.InRange(records, 7, 9);
        Assert.True(_master.Offset > before);
        Assert.Equal(_master.Digest, _replica.Digest);
    }

    [Fact]
    public void Promote_MoreWasReadThanWaits_WhatWasReadLastIsExtendedForAll()
    {
        CoreNode replica = CoreNode.Replica(_replicaTime, new NodeSettings { Store = new StoreOptions { MaxPendingTouches = 2 } }, seed: 3);
        var pair = new CorePair(_master, replica);
        string[] keys = ["first", "second", "third"];
        foreach (string key in keys)
        {
            SetSliding(key);
        }

        pair.Pump();
        _replicaTime.Advance(TimeSpan.FromSeconds(2));
        foreach (string key in keys)
        {
            Assert.NotNull(replica.Get(key));
        }

        replica.Core.Promote(force: false, replica.Now);
        Clean(replica);

        long extended = replica.Now.UtcMilliseconds + 8_000;
        Assert.Equal([extended - 2_000, extended, extended], keys.Select(key => Deadline(replica, key)));
    }

    [Fact]
    public void Promote_AfterALongTimeOfReading_WhatIsOverLeavesNoRecord()
    {
        SetSliding("key");
        _pair.Pump();
        for (int i = 0; i < 12; i++)
        {
            _replicaTime.Advance(TimeSpan.FromSeconds(1));
            Assert.NotNull(_replica.Get("key"));
            Clean(_replica);
        }

        _replica.Core.Promote(force: false, _replica.Now);
        long changes = _replica.Core.Data.Changes;
        Clean(_replica);

        // A second apart, as far as they are ahead.
        Assert.Equal(8, _replica.Core.Data.Changes - changes);
        Assert.Equal(_replica.Now.UtcMilliseconds + 8_000, Deadline(_replica, "key"));
    }

    private static long Deadline(CoreNode node, string key)
    {
        node.Core.Data.Store.TryGetMetadata(key, out EntryMetadata metadata);
        return metadata.Expiration.Deadline;
    }

    private static int Clean(CoreNode node)
    {
        var housekeeping = new Housekeeping(node.Core);
        int bites = 1;
        for (int idle = 0; idle < 3; bites++)
        {
            idle = housekeeping.Run(node.Now) ? 0 : idle + 1;
        }

        return bites;
    }

    private void SetSliding(string key) => _master.Set(key, [1], new EntryExpiration(_master.Now.UtcMilliseconds + 8_000, 8_000, 0));

    private void SetExpiring(string key, long milliseconds) =>
        _master.Set(key, [1, 2, 3], new EntryExpiration(_master.Now.UtcMilliseconds + milliseconds, 0, 0));
}
