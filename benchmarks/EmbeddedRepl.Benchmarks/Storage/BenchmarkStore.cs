using EmbeddedRepl.Comparison;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>A store with its gate, used as the cache uses it: encode, hash and prefetch outside of the gate, change inside.</summary>
internal sealed class BenchmarkStore
{
    private readonly Lock _gate = new();
    private long _offset;

    public BenchmarkStore() => Store = new CacheStore(new StoreOptions(), new StoreSeed(1, 2), TimeProvider.System, _gate);

    public CacheStore Store { get; }

    public void Set(ReadOnlySpan<char> key, ReadOnlySpan<byte> value)
    {
        Span<byte> bytes = stackalloc byte[MixedKeys.MaxLength * KeyCodec.MaxBytesPerChar];
        StoreKey storeKey = Store.MakeKey(bytes[..KeyCodec.Encode(key, bytes)]);
        Store.Prefetch(storeKey, value.Length);
        lock (_gate)
        {
            _offset++;
            Store.Set(storeKey, value, EntryExpiration.None, _offset, _offset);
        }
    }

    public void Remove(ReadOnlySpan<char> key)
    {
        Span<byte> bytes = stackalloc byte[MixedKeys.MaxLength * KeyCodec.MaxBytesPerChar];
        lock (_gate)
        {
            Store.Remove(Store.MakeKey(bytes[..KeyCodec.Encode(key, bytes)]));
        }
    }

    public void Maintain()
    {
        lock (_gate)
        {
            Store.Maintain();
        }
    }
}
