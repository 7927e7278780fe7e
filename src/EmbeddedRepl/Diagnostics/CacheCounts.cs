namespace EmbeddedRepl.Diagnostics;

/// <summary>What a node has counted of its reads, for the instruments that .NET's own caches have, too.</summary>
/// <param name="Hits">Reads that found something.</param>
/// <param name="Misses">Reads that did not.</param>
/// <param name="Evictions">Entries that were removed to make room.</param>
/// <param name="Expirations">Entries that were removed because their time was over.</param>
internal readonly record struct CacheCounts(long Hits, long Misses, long Evictions, long Expirations);
