namespace EmbeddedRepl.Storage;

/// <summary>Limits of a store.</summary>
internal sealed record StoreOptions
{
    /// <summary>The most memory that the store may use, in bytes; a set that needs more throws <see cref="StoreFullException"/> and changes nothing.</summary>
    /// <value>Default <see cref="long.MaxValue"/>: no limit. <see cref="CacheStore.MaxBytes"/> changes it later. Memory is taken in steps of up to 1 MiB, so a limit below 2 MiB holds next to nothing.</value>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>How many touches may wait to be drained; beyond that the oldest are dropped and counted, and the next reads of those entries ask again.</summary>
    /// <value>Default 65536.</value>
    public int MaxPendingTouches { get; init; } = 65_536;

    /// <summary>Whether keys are hashed by AES instructions where the processor has them; see <see cref="KeyHash"/>.</summary>
    /// <value>Default true. False is for tests: entries lie, and are iterated, in the same order on every machine.</value>
    public bool UsesAesHash { get; init; } = true;
}
