namespace EmbeddedRepl.Storage;

/// <summary>What the layout of the store allows at most; options may allow less.</summary>
internal static class StoreLimits
{
    /// <summary>Longest key in bytes; a set with a longer one throws <see cref="ArgumentException"/>, a read of it misses.</summary>
    public const int MaxKeySize = ushort.MaxValue;

    /// <summary>Longest value in bytes; a set with a longer one throws <see cref="ArgumentException"/>.</summary>
    public const int MaxValueSize = 1 << 30;

    /// <summary>Segments of memory: 512 GB of small entries, or 131,071 entries above 128 KB; past it a set throws <see cref="StoreFullException"/>.</summary>
    public const int MaxSegments = 1 << 17;

    /// <summary>How often a reader retries while writers keep changing its stripe before it waits for the gate once.</summary>
    public const int MaxOptimisticReads = 64;

    /// <summary>The most entries that room is made for in advance; a larger announcement (which may be a lie) is met by growth as entries really come.</summary>
    public const long MaxPresizedEntries = 1 << 23;
}
