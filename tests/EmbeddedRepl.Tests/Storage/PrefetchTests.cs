using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class PrefetchTests
{
    private readonly StoreFixture _fixture = new(new StoreOptions { MaxBytes = 64 << 20 });

    [Fact]
    public void Prefetch_EntriesOfAllSizes_CountsAsNoUseAndChangesNothing()
    {
        ulong[] hashes = [.. Enumerable.Range(0, CacheStore.MaxPrefetched).Select(i =>
        {
            string key = $"key {i}";
            _fixture.Set(key, new byte[i * i * i * 10], i % 3 == 0 ? new EntryExpiration(long.MaxValue / 1_000_000, 0, 0) : default);
            return HashOf(key);
        })];
        ulong[] before = Slots();
        StoreDigest digest = _fixture.Digest;

        _fixture.Store.Prefetch(hashes);

        Assert.Equal(before, Slots());
        Assert.Equal(digest, _fixture.Digest);
        Assert.NotNull(_fixture.Get("key 1"));
        Assert.NotEqual(before, Slots());
    }

    [Fact]
    public void Prefetch_WhatIsNotThere_DoesNothing()
    {
        _fixture.Store.Prefetch([]);
        _fixture.Store.Prefetch([0, ulong.MaxValue, HashOf("nothing")]);
        _fixture.Store.Prefetch(new ulong[CacheStore.MaxPrefetched * 2]);
        lock (_fixture.Gate)
        {
            _fixture.Store.Retire();
        }

        _fixture.Store.Prefetch([0, ulong.MaxValue, HashOf("nothing")]);

        Assert.Equal(0, _fixture.Store.Count);
    }

    private ulong HashOf(string key) => _fixture.Store.MakeKey(StoreFixture.Encode(key)).Hash;

    // With a limit a slot also tells how often its entry was used.
    private ulong[] Slots()
    {
        lock (_fixture.Gate)
        {
            HashIndex index = _fixture.Store.Data.Index;
            return [.. Enumerable.Range(0, 1 << HashIndex.MinDepth).SelectMany(i => index.Slots(index.BlockOf((ulong)i << (64 - HashIndex.MinDepth))).ToArray())];
        }
    }
}
