using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>A store with its gate and clock, and shorthands that take the gate for one call each.</summary>
internal sealed class StoreFixture
{
    public static readonly StoreSeed Seed = new(0x0123456789ABCDEF, 0xFEDCBA9876543210);

    private long _offset;

    public StoreFixture(StoreOptions? options = null, SegmentPool? pool = null, StoreSeed? seed = null, Lock? gate = null)
    {
        Gate = gate ?? new Lock();
        Store = new CacheStore(options ?? new StoreOptions(), seed ?? Seed, Clock, Gate, pool);
    }

    public ManualClock Clock { get; } = new();

    public Lock Gate { get; }

    public CacheStore Store { get; }

    public StoreDigest Digest
    {
        get
        {
            lock (Gate)
            {
                return Store.Digest;
            }
        }
    }

    public static byte[] Encode(string key)
    {
        byte[] bytes = new byte[key.Length * KeyCodec.MaxBytesPerChar];
        return bytes[..KeyCodec.Encode(key, bytes)];
    }

    public StoreDigest Set(string key, ReadOnlySpan<byte> value, EntryExpiration expiration = default, long? version = null)
    {
        lock (Gate)
        {
            long offset = version ?? ++_offset;
            return Store.Set(Store.MakeKey(Encode(key)), value, expiration, offset, offset);
        }
    }

    public bool Remove(string key)
    {
        lock (Gate)
        {
            return Store.Remove(Store.MakeKey(Encode(key)));
        }
    }

    public bool ApplyTouch(string key, long version, long deadline, long lastChange)
    {
        lock (Gate)
        {
            return Store.ApplyTouch(Store.MakeKey(Encode(key)), version, deadline, lastChange);
        }
    }

    public void Clear()
    {
        lock (Gate)
        {
            Store.Clear();
        }
    }

    public byte[]? Get(string key)
    {
        ReadOutcome outcome = Store.Get(key, out byte[]? value);
        Assert.Equal(outcome == ReadOutcome.Hit, value is not null);
        return value;
    }

    public List<string> CollectExpired(int maxEntriesExamined = int.MaxValue)
    {
        List<byte[]> keys = [];
        lock (Gate)
        {
            Assert.Equal(Store.CollectExpired(Clock.Now, maxEntriesExamined, keys), keys.Count);
        }

        return [.. keys.Select(key => KeyCodec.Decode(key))];
    }

    /// <summary>Count and digest are what a recount finds.</summary>
    public void AssertConsistent()
    {
        lock (Gate)
        {
            StoreDigest recounted = Store.Recount(out long count);
            Assert.Equal(Store.Count, count);
            Assert.Equal(Store.Digest, recounted);
        }
    }
}
