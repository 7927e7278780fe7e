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
}
