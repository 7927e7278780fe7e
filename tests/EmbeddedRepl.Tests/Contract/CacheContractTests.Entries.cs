namespace EmbeddedRepl.Tests.Contract;

/// <content>Entries with their versions.</content>
public abstract partial class CacheContractTests
{
    [Fact]
    [Trait("Behaviour", "Q1")]
    public async Task CompareAndSet_VersionThatWasRead_WritesOnceAndTellsTheNewVersion()
    {
        EntryVersion? first = Cache.CompareAndSet("key", new byte[] { 1 }, EntryVersion.None, NoExpiration);
        CacheEntry entry = Cache.GetEntry("key")!;
        Assert.Equal((first, 1), (entry.Version, entry.Value[0]));

        EntryVersion? second = await Cache.CompareAndSetAsync("key", new byte[] { 2 }, entry.Version, NoExpiration);
        Assert.Null(Cache.CompareAndSet("key", new byte[] { 3 }, entry.Version, NoExpiration));
        Assert.Null(await Cache.CompareAndSetAsync("key", new byte[] { 3 }, EntryVersion.None, NoExpiration));

        CacheEntry now = Cache.GetEntry("key")!;
        Assert.Equal((second, 2), (now.Version, now.Value[0]));
        Assert.NotEqual(first, second);
    }

    [Fact]
    [Trait("Behaviour", "Q1")]
    public async Task CompareAndRemove_VersionThatWasRead_RemovesThatAndNoOther()
    {
        Assert.True(Cache.CompareAndRemove("key", EntryVersion.None));
        Cache.Set("key", Value, NoExpiration);
        EntryVersion read = Cache.GetEntry("key")!.Version;
        Cache.Set("key", Value, NoExpiration);
        Assert.False(Cache.CompareAndRemove("key", read));
        Assert.False(await Cache.CompareAndRemoveAsync("key", EntryVersion.None));
        Assert.Equal(Value, Cache.Get("key"));

        Assert.True(await Cache.CompareAndRemoveAsync("key", Cache.GetEntry("key")!.Version));
        Assert.Null(Cache.GetEntry("key"));
        Assert.False(Cache.CompareAndRemove("key", read));
    }

    [Fact]
    [Trait("Behaviour", "Q1")]
    public void Version_OfAnEntryThatIsReadAndRefreshed_StaysAndOneThatExpiredIsNone()
    {
        Cache.Set("key", Value, Sliding(TimeSpan.FromMinutes(10)));
        EntryVersion version = Cache.GetEntry("key")!.Version;
        for (int i = 0; i < 5; i++)
        {
            Clock.Advance(TimeSpan.FromMinutes(6));
            Cache.Refresh("key");
            Assert.Equal(version, Cache.GetEntry("key")?.Version);
        }

        Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(Cache.GetEntry("key"));
        Assert.Null(Cache.CompareAndSet("key", Value, version, NoExpiration));
        Assert.NotNull(Cache.CompareAndSet("key", Value, EntryVersion.None, Relative(TimeSpan.FromMinutes(1))));
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(Cache.GetEntry("key"));
        Assert.True(Cache.CompareAndRemove("key", EntryVersion.None));
    }

    [Fact]
    public void GetEntry_ValueHandedOut_IsACopy()
    {
        Cache.Set("key", Value, NoExpiration);
        Cache.GetEntry("key")!.Value[0] = 99;
        Assert.Equal(Value, Cache.GetEntry("key")!.Value);

        byte[] mine = [1, 2];
        EntryVersion? version = Cache.CompareAndSet("key", mine, Cache.GetEntry("key")!.Version, NoExpiration);
        mine[0] = 99;
        Assert.Equal([1, 2], Cache.GetEntry("key")!.Value);
        Assert.Equal(version, Cache.GetEntry("key")!.Version);
    }

    [Fact]
    public async Task Comparisons_WrongArguments_ThrowBeforeAnything()
    {
        var past = new Microsoft.Extensions.Caching.Distributed.DistributedCacheEntryOptions { AbsoluteExpiration = Clock.Now };
        string longKey = new('x', 100_000);
        Assert.Throws<ArgumentNullException>("key", () => Cache.GetEntry(null!));
        Assert.Throws<ArgumentNullException>("key", () => Cache.CompareAndSet(null!, Value, EntryVersion.None, NoExpiration));
        Assert.Throws<ArgumentNullException>("options", () => Cache.CompareAndSet("key", Value, EntryVersion.None, null!));
        Assert.Throws<ArgumentNullException>("key", () => Cache.CompareAndRemove(null!, EntryVersion.None));
        Assert.Throws<ArgumentOutOfRangeException>("key", () => Cache.CompareAndSet(longKey, Value, EntryVersion.None, NoExpiration));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cache.CompareAndSet("key", Value, EntryVersion.None, past));
        await Assert.ThrowsAsync<ArgumentNullException>("key", () => Cache.CompareAndSetAsync(null!, Value, EntryVersion.None, NoExpiration));
        await Assert.ThrowsAsync<ArgumentNullException>("key", () => Cache.CompareAndRemoveAsync(null!, EntryVersion.None));
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.CompareAndSetAsync("key", Value, EntryVersion.None, NoExpiration, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.CompareAndRemoveAsync("key", EntryVersion.None, cancelled));

        Assert.Null(Cache.Get("key"));
        Assert.Null(Cache.GetEntry(longKey));
        Assert.True(Cache.CompareAndRemove(longKey, EntryVersion.None));
        Assert.Throws<ReadOnlyReplicaException>(() => CreateReplica().CompareAndSet("key", Value, EntryVersion.None, NoExpiration));
        Assert.Throws<ReadOnlyReplicaException>(() => CreateReplica().CompareAndRemove(longKey, EntryVersion.None));
    }

    [Fact]
    [Trait("Behaviour", "Q5")]
    public void GetMany_KeysInAnyOrder_AnswersInTheirOrderLikeGet()
    {
        Cache.Set("a", [1], Sliding(TimeSpan.FromMinutes(10)));
        Cache.Set("b", [2], Relative(TimeSpan.FromMinutes(5)));
        Cache.Set("", [], NoExpiration);
        Clock.Advance(TimeSpan.FromMinutes(6));

        byte[]?[] values = Cache.GetMany(["missing", "a", "b", "a", "", new string('x', 100_000)]);
        Assert.Equal<byte[]?>([null, [1], null, [1], [], null], values);
        values[1]![0] = 99;
        Assert.Equal([1], values[3]);
        Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal([1], Cache.GetMany(["a"])[0]);

        Assert.Empty(Cache.GetMany([]));
        Assert.Throws<ArgumentNullException>("keys", () => Cache.GetMany(null!));
        Assert.Throws<ArgumentNullException>("keys", () => Cache.GetMany(["a", null!]));
    }

    [Fact]
    [Trait("Behaviour", "Q6")]
    public void EnumerateKeys_AnyStrings_ComeAsTheyWereGivenAndByAnyPrefix()
    {
        string[] keys = ["", "a", "ab", "\u00E9", "\uD83D", "\uD83D\uDE00", "\uD83D\uDE01x", "\uDE00", "a\uD83D\uDE00", "a\uD83Dx", "\0", "A"];
        foreach (string key in keys)
        {
            Cache.Set(key, Value, NoExpiration);
        }

        Assert.Equal(keys.Order(StringComparer.Ordinal), Cache.EnumerateKeys().Order(StringComparer.Ordinal));
        foreach (string prefix in new[] { "a", "A", "\u00E9", "\uD83D", "\uD83D\uDE00", "\uDE00", "a\uD83D", "a\uD83Dx", "\0", "none" })
        {
            Assert.Equal(
                keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
                Cache.EnumerateKeys(prefix).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    [Trait("Behaviour", "Q6")]
    public void EnumerateKeys_OfExpiredEntries_LeavesThemOutAndKeepsNothingAlive()
    {
        Cache.Set("short", Value, Relative(TimeSpan.FromMinutes(1)));
        Cache.Set("long", Value, Relative(TimeSpan.FromMinutes(10)));
        Cache.Set("sliding", Value, Sliding(TimeSpan.FromMinutes(3)));
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["long", "sliding"], Cache.EnumerateKeys().Order(StringComparer.Ordinal));
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["long"], Cache.EnumerateKeys());

        IEnumerable<string> lazy = Cache.EnumerateKeys();
        Cache.Set("more", Value, NoExpiration);
        Assert.Equal(2, lazy.Count());
        Assert.Equal(2, lazy.Count());
        Assert.Throws<ArgumentNullException>("prefix", () => Cache.EnumerateKeys(null!));
    }

    [Fact]
    [Trait("Behaviour", "Q7")]
    public async Task RemoveByPrefix_OfMany_RemovesThoseAndCountsThem()
    {
        for (int i = 0; i < 500; i++)
        {
            Cache.Set($"user:{i}", Value, NoExpiration);
            Cache.Set($"other:{i}", Value, NoExpiration);
        }

        Assert.Equal(111, Cache.RemoveByPrefix("user:1"));
        Assert.Equal(389, await Cache.RemoveByPrefixAsync("user:"));
        Assert.Equal(0, Cache.RemoveByPrefix("user:"));
        Assert.Equal(500, Cache.EnumerateKeys().Count());

        Assert.Throws<ArgumentNullException>("prefix", () => Cache.RemoveByPrefix(null!));
        Assert.Contains("Clear", Assert.Throws<ArgumentException>("prefix", () => Cache.RemoveByPrefix("")).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>("prefix", () => Cache.RemoveByPrefixAsync(""));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.RemoveByPrefixAsync("x", new CancellationToken(canceled: true)));
        Assert.Throws<ReadOnlyReplicaException>(() => CreateReplica().RemoveByPrefix("x"));
    }

    [Fact]
    [Trait("Behaviour", "Q11")]
    public async Task Subscribe_ThenWrites_AreReadInOrderUntilItIsDisposedOf()
    {
        Cache.Set("before", Value, NoExpiration);
        ICacheSubscription subscription = Cache.Subscribe("user:");
        Cache.Set("user:1", Value, NoExpiration);
        EntryVersion version = Cache.GetEntry("user:1")!.Version;
        Cache.Set("other", Value, NoExpiration);
        Cache.Remove("user:1");
        Cache.Remove("user:2");
        Cache.Clear();

        var changes = new List<CacheChange>();
        await foreach (CacheChange change in subscription)
        {
            changes.Add(change);
            if (change.Kind == CacheChangeKind.Cleared)
            {
                subscription.Dispose();
                subscription.Dispose();
                Cache.Set("user:3", Value, NoExpiration);
            }
        }

        Assert.Equal(
            [
                new CacheChange(CacheChangeKind.Set, "user:1", version), new CacheChange(CacheChangeKind.Removed, "user:1", EntryVersion.None),
                new CacheChange(CacheChangeKind.Cleared, null, EntryVersion.None),
            ],
            changes);
    }

    [Fact]
    [Trait("Behaviour", "Q13")]
    public async Task Subscribe_WrongArgumentsOrTooManyOrDisposed_IsRefusedAndReadersComeToTheEnd()
    {
        Assert.Throws<ArgumentNullException>("prefix", () => Cache.Subscribe(null!));
        Assert.Throws<ArgumentOutOfRangeException>("capacity", () => Cache.Subscribe("", 0));
        Assert.Throws<ArgumentOutOfRangeException>("capacity", () => Cache.Subscribe("", (1 << 20) + 1));
        ICacheSubscription[] all = [.. Enumerable.Range(0, 256).Select(_ => Cache.Subscribe("", 1 << 20))];
        Assert.Throws<ReplicatedCacheException>(() => Cache.Subscribe());
        await all[0].DisposeAsync();
        await using ICacheSubscription last = Cache.Subscribe();

        IAsyncEnumerator<CacheChange> reader = last.GetAsyncEnumerator();
        ValueTask<bool> waiting = reader.MoveNextAsync();
        Assert.False(waiting.IsCompleted);
        ((IDisposable)Cache).Dispose();
        Assert.False(await waiting);
        Assert.Throws<ObjectDisposedException>(() => Cache.Subscribe());
    }
}
