using Microsoft.Extensions.Caching.Memory;

namespace EmbeddedRepl.Benchmarks.HitRatio;

/// <summary>
/// <see cref="MemoryCache"/> with a size limit and its own compaction of 5 %. It is called at once where the cache itself leaves it to the thread pool and refuses entries meanwhile,
/// which a loop as fast as this one would hold against it.
/// </summary>
internal sealed class CompactingMemoryCache(int capacity) : IHitRatioCache, IDisposable
{
    private const double CompactionPercentage = 0.05;

    private static readonly object Value = new();

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = capacity, CompactionPercentage = CompactionPercentage });

    public bool Access(int key)
    {
        if (_cache.TryGetValue(key, out _))
        {
            return true;
        }

        if (_cache.Count >= capacity)
        {
            _cache.Compact(CompactionPercentage);
        }

        using ICacheEntry entry = _cache.CreateEntry(key);
        entry.Value = Value;
        entry.Size = 1;
        return false;
    }

    public void Dispose() => _cache.Dispose();
}
