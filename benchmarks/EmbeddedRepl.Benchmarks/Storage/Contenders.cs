using System.Collections.Concurrent;
using EmbeddedRepl.Comparison;
using EmbeddedRepl.Storage;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>The store and what microbenchmarks compare it with, each filled with the same entries.</summary>
internal static class Contenders
{
    public const int ValueSize = 100;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    public static byte[] NewValue(int number)
    {
        byte[] value = new byte[ValueSize];
        value.AsSpan().Fill((byte)number);
        return value;
    }

    public static BenchmarkStore CreateStore(int entries)
    {
        BenchmarkStore store = new();
        byte[] value = NewValue(1);
        Span<char> key = stackalloc char[MixedKeys.MaxLength];
        for (int i = 0; i < entries; i++)
        {
            store.Set(key[..MixedKeys.Format(i, key)], value);
        }

        return store;
    }

    public static ConcurrentDictionary<string, byte[]> CreateDictionary(int entries)
    {
        ConcurrentDictionary<string, byte[]> dictionary = new();
        for (int i = 0; i < entries; i++)
        {
            dictionary[MixedKeys.Create(i)] = NewValue(i);
        }

        return dictionary;
    }

    public static MemoryDistributedCache CreateMemoryCache(int entries)
    {
        MemoryDistributedCache cache = new(Options.Create(new MemoryDistributedCacheOptions { SizeLimit = long.MaxValue }));
        for (int i = 0; i < entries; i++)
        {
            cache.Set(MixedKeys.Create(i), NewValue(i), NoExpiration);
        }

        return cache;
    }

    public static void Overwrite(MemoryDistributedCache cache, string key, byte[] value) => cache.Set(key, value, NoExpiration);
}
