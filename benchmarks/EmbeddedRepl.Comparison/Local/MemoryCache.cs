using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Comparison.Local;

/// <summary>Microsoft's <see cref="MemoryDistributedCache"/>, which is its <c>MemoryCache</c> and hands out the array that it holds.</summary>
internal sealed class MemoryCache : ILocalCache
{
    public const string Kind = "cache";

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private readonly MemoryDistributedCache _cache = Create();

    /// <summary>One that holds whatever it is given.</summary>
    public static MemoryDistributedCache Create() => new(Options.Create(new MemoryDistributedCacheOptions { SizeLimit = long.MaxValue }));

    public void Set(string key, byte[] value) => _cache.Set(key, value, NoExpiration);

    public byte[]? Get(string key) => _cache.Get(key);

    public void Remove(string key) => _cache.Remove(key);

    public void Dispose()
    {
    }
}
