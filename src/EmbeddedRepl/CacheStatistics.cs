namespace EmbeddedRepl;

/// <summary>What one node's cache holds and how it has been used since the node started. Immutable; the figures are taken one after the other while the cache is in use.</summary>
public sealed record CacheStatistics
{
    /// <summary>Entries, expired ones that are not yet removed included.</summary>
    public required long Count { get; init; }

    /// <summary>
    /// Memory of the data set in bytes: pages of entries, large entries, index, and what belongs to them. This is what <see cref="MemoryLimit"/> limits.
    /// </summary>
    public required long UsedBytes { get; init; }

    /// <summary>The limit in bytes; null for none.</summary>
    public required long? MemoryLimit { get; init; }

    /// <summary>Memory of the replication stream in bytes: the backlog, and what slow replicas hold back. It has limits of its own and is no part of <see cref="UsedBytes"/>.</summary>
    public required long StreamBytes { get; init; }

    /// <summary>Reads on this node that found a value.</summary>
    public required long Hits { get; init; }

    /// <summary>Reads on this node that found none, or an expired one.</summary>
    public required long Misses { get; init; }

    /// <summary>Entries that this node, as a master, removed to make room.</summary>
    public required long Evictions { get; init; }

    /// <summary>Expired entries that this node, as a master, removed.</summary>
    public required long Expirations { get; init; }

    /// <summary>Hits among all reads, 0 to 1; 0 before the first read.</summary>
    public double HitRatio => Hits + Misses == 0 ? 0 : (double)Hits / (Hits + Misses);
}
