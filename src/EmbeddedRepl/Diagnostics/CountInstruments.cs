using System.Diagnostics.Metrics;

namespace EmbeddedRepl.Diagnostics;

/// <summary>The instruments of reads and removals, with the names that .NET 11 gives those of its <c>MemoryCache</c>, so that one dashboard shows both.</summary>
/// <param name="meter">What the instruments belong to.</param>
/// <param name="cache">The tag with the cache's name.</param>
/// <param name="count">The counts; null when there is nothing more to say.</param>
internal sealed class CountInstruments(Meter meter, KeyValuePair<string, object?> cache, Func<CacheCounts?> count)
{
    private const string ResultTag = "dotnet.cache.request.result";

    public void Create()
    {
        meter.CreateObservableCounter("dotnet.cache.requests", Requests, "{request}", "Reads of the cache, by whether they found something.");
        meter.CreateObservableCounter("dotnet.cache.evictions", () => One(c => c.Evictions), "{eviction}", "Entries removed to make room.");
        meter.CreateObservableCounter("embeddedrepl.expirations", () => One(c => c.Expirations), "{entry}", "Entries removed because their time was over.");
    }

    private IEnumerable<Measurement<long>> Requests() => count() is { } c
        ? [new(c.Hits, cache, new(ResultTag, "hit")), new(c.Misses, cache, new(ResultTag, "miss"))]
        : [];

    private IEnumerable<Measurement<long>> One(Func<CacheCounts, long> figure) => count() is { } c ? [new(figure(c), cache)] : [];
}
