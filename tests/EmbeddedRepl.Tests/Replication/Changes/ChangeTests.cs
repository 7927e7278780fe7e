using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Changes;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Changes;

/// <summary>What a subscription hears, on the node that writes and on one that follows.</summary>
public sealed class ChangeTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    [Trait("Behaviour", "Q11")]
    public async Task Changes_OfEveryKind_AreToldInOrderOnTheMasterAndOnItsReplica()
    {
        // Of one turn: what is awaited here is there already, so the thread stays the one that made the nodes.
        CoreNode master = CoreNode.Master(_time);
        CoreNode replica = CoreNode.Replica(_time);
        var link = new CorePair(master, replica);
        link.Pump();
        ChangeRing[] rings = [Subscribe(master, "a"), Subscribe(replica, "a")];
        master.Set("a1", "value");
        EntryVersion version = master.VersionOf("a1");
        master.Set("b", "not wanted");
        master.Core.Set(master.Core.Data.Store.MakeKey("a2"u8), new(new byte[] { 1 }), new EntryExpiration(master.Now.UtcMilliseconds + 10, 0, 0));
        EntryVersion second = master.VersionOf("a2");
        master.Remove("a1");
        master.Remove("a1");
        master.Core.Clear();
        master.Set("a1", "value");
        EntryVersion third = master.VersionOf("a1");
        link.Pump();

        foreach (ChangeRing ring in rings)
        {
            Assert.Equal(
                [
                    new CacheChange(CacheChangeKind.Set, "a1", version),
                    new CacheChange(CacheChangeKind.Set, "a2", second),
                    new CacheChange(CacheChangeKind.Removed, "a1", EntryVersion.None),
                    new CacheChange(CacheChangeKind.Cleared, null, EntryVersion.None),
                    new CacheChange(CacheChangeKind.Set, "a1", third),
                ],
                await TakeAsync(ring, 5));
        }
    }

    [Fact]
    [Trait("Behaviour", "Q11")]
    public async Task Changes_FullSyncSwapsTheData_IsToldAndWhatFollowsComesFromTheNewData()
    {
        CoreNode master = CoreNode.Master(_time);
        master.Set("key", "value");
        CoreNode replica = CoreNode.Replica(_time);
        ChangeRing ring = Subscribe(replica, "none of them");
        ChangeRing all = Subscribe(replica, "");
        var link = new CorePair(master, replica);
        link.Pump();
        master.Set("key", "again");
        link.Pump();

        Assert.Equal([CacheChangeKind.DataReplaced], (await TakeAsync(ring, 1)).Select(change => change.Kind));
        Assert.Equal([CacheChangeKind.DataReplaced, CacheChangeKind.Set], (await TakeAsync(all, 2)).Select(change => change.Kind));
    }

    [Fact]
    [Trait("Behaviour", "Q11")]
    public async Task Changes_Evicted_AreToldAsRemoved()
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings { Store = new StoreOptions { MaxBytes = 4 << 20 } });
        ChangeRing ring = Subscribe(master, "first");
        master.Set("first", new byte[100]);

        // Not by reading it, which would keep it.
        for (int i = 0; !master.VersionOf("first").IsNone; i++)
        {
            master.Set($"key {i}", new byte[1_000]);
        }

        Assert.Equal([CacheChangeKind.Set, CacheChangeKind.Removed], (await TakeAsync(ring, 2)).Select(change => change.Kind));
    }

    [Fact]
    [Trait("Behaviour", "Q12")]
    public async Task Ring_ReaderIsSlow_OneGapStandsForWhatIsMissingAndThenItGoesOn()
    {
        var ring = new ChangeRing(new KeyPrefix(""), capacity: 2);
        for (int i = 0; i < 10; i++)
        {
            ring.Add(Set(i));
        }

        Assert.Equal(["0"], await KeysAsync(ring, 1));
        ring.Add(Set(10));
        Assert.Equal(["1", "gap"], await KeysAsync(ring, 2));
        ring.Add(Set(11));
        ring.Add(Set(12));
        ring.Add(Set(13));
        ring.Add(Set(14));
        Assert.Equal(["11", "12", "gap"], await KeysAsync(ring, 3));

        ValueTask<CacheChange?> waiting = ring.TakeAsync(default);
        Assert.False(waiting.IsCompleted);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ring.TakeAsync(default).AsTask());
        ring.Add(Set(15));
        Assert.Equal("15", (await waiting)?.Key);
    }

    [Fact]
    [Trait("Behaviour", "Q12")]
    public async Task Ring_LongKeys_TakeTheRoomOfManyChangesAndOneAloneAlwaysHasRoom()
    {
        var ring = new ChangeRing(new KeyPrefix(""), capacity: 8);
        string first = new('a', ChangeRing.UsualKeyLength * 9);
        string second = new('b', ChangeRing.UsualKeyLength * 7);
        string third = new('c', ChangeRing.UsualKeyLength * 2);
        ring.Add(new CacheChange(CacheChangeKind.Set, first, EntryVersion.None));
        ring.Add(Set(1));
        ring.Add(Set(2));
        Assert.Equal([first, "gap"], await KeysAsync(ring, 2));

        ring.Add(new CacheChange(CacheChangeKind.Set, second, EntryVersion.None));
        ring.Add(new CacheChange(CacheChangeKind.Removed, third, EntryVersion.None));
        ring.Add(new CacheChange(CacheChangeKind.Removed, third, EntryVersion.None));
        ring.Add(Set(3));
        Assert.Equal([second, "gap", "3"], await KeysAsync(ring, 3));
        for (int i = 0; i < 9; i++)
        {
            ring.Add(Set(i));
        }

        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "gap"], await KeysAsync(ring, 9));
    }

    [Fact]
    [Trait("Behaviour", "Q12")]
    public async Task Ring_ReaderIsCancelledOrEnded_LosesNothingOrComesToTheEnd()
    {
        var ring = new ChangeRing(new KeyPrefix(""), capacity: 2);
        using var cancellation = new CancellationTokenSource();
        Task<CacheChange?> waiting = ring.TakeAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        waiting = ring.TakeAsync(default).AsTask();
        ring.Add(Set(1));
        Assert.Equal("1", (await waiting)?.Key);

        waiting = ring.TakeAsync(default).AsTask();
        ring.Add(Set(2));
        Assert.Equal("2", (await waiting)?.Key);
        waiting = ring.TakeAsync(default).AsTask();
        ring.End();
        Assert.Null(await waiting);
        ring.Add(Set(3));
        Assert.Null(await ring.TakeAsync(default));
    }

    [Fact]
    [Trait("Behaviour", "Q13")]
    public void Feed_MoreThanItsLimit_IsRefusedAndThoseThatEndedMakeRoom()
    {
        var feed = new ChangeFeed();
        ChangeRing[] rings = [.. Enumerable.Range(0, ChangeFeed.MaxSubscriptions).Select(_ => new ChangeRing(new KeyPrefix(""), 1))];
        foreach (ChangeRing ring in rings)
        {
            feed.Add(ring);
        }

        Assert.Contains("256", Assert.Throws<ReplicatedCacheException>(() => feed.Add(new ChangeRing(new KeyPrefix(""), 1))).Message, StringComparison.Ordinal);
        rings[5].End();
        feed.Add(new ChangeRing(new KeyPrefix(""), 1));
        Assert.Throws<ReplicatedCacheException>(() => feed.Add(new ChangeRing(new KeyPrefix(""), 1)));
    }

    [Fact]
    [Trait("Behaviour", "Q13")]
    public void Subscription_NobodyHoldsIt_EndsItsRingAndTheNodeForgetsIt()
    {
        CoreNode master = CoreNode.Master(_time);
        ChangeRing ring = Abandon(master);
        for (int i = 0; i < 20 && !ring.IsEnded; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.True(ring.IsEnded);
        Assert.NotNull(master.Core.Data.ChangeFeed);
        master.Set("key", "value");
        Assert.False(master.Core.Data.ChangeFeed!.IsHeard);
        ChangeRing disposed = Subscribe(master, "");
        master.Core.Unsubscribe(disposed);
        Assert.Null(master.Core.Data.ChangeFeed);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static ChangeRing Abandon(CoreNode node)
    {
        ChangeRing ring = Subscribe(node, "");
        _ = new ChangeSubscription(ring, _ => { });
        return ring;
    }

    private static ChangeRing Subscribe(CoreNode node, string prefix)
    {
        var ring = new ChangeRing(new KeyPrefix(prefix), 100);
        node.Core.Subscribe(ring);
        return ring;
    }

    private static CacheChange Set(int key) => new(CacheChangeKind.Set, $"{key}", new EntryVersion(key + 1, 0));

    private static async Task<string[]> KeysAsync(ChangeRing ring, int count) =>
        [.. (await TakeAsync(ring, count)).Select(change => change.Kind == CacheChangeKind.Gap ? "gap" : change.Key!)];

    /// <summary>Takes what must be there already, and no more than that.</summary>
    private static async Task<List<CacheChange>> TakeAsync(ChangeRing ring, int count)
    {
        var changes = new List<CacheChange>();
        while (changes.Count < count)
        {
            ValueTask<CacheChange?> next = ring.TakeAsync(default);
            Assert.True(next.IsCompleted, $"Only {changes.Count} changes came.");
            changes.Add((await next)!.Value);
        }

        return changes;
    }
}
