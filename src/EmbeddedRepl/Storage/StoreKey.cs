namespace EmbeddedRepl.Storage;

/// <summary>
/// A key with its hash, so that a batch can prepare keys before it takes the gate. Made by <see cref="CacheStore.MakeKey(ReadOnlySpan{byte})"/>;
/// valid for stores with that seed. Borrows the caller's bytes.
/// </summary>
internal readonly ref struct StoreKey(ReadOnlySpan<byte> bytes, ulong hash)
{
    /// <summary>The key's bytes (WTF-8).</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>The key's hash under the store's seed.</summary>
    public ulong Hash { get; } = hash;
}
