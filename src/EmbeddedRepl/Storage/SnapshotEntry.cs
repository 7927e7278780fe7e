namespace EmbeddedRepl.Storage;

/// <summary>One entry of a snapshot: a state that it really had. Borrows memory of the cursor or the store; valid during the sink's call.</summary>
internal readonly ref struct SnapshotEntry
{
    private readonly EntryView _entry;

    internal SnapshotEntry(EntryView entry, in EntryExpiration expiration, long lastChange, ulong digestSeed)
    {
        _entry = entry;
        Expiration = expiration;
        LastChange = lastChange;
        Digest = EntryHash.Of(entry.ContentHash, expiration, digestSeed);
    }

    /// <summary>The key's bytes (WTF-8).</summary>
    public ReadOnlySpan<byte> Key => _entry.Key;

    public ReadOnlySpan<byte> Value => _entry.Value;

    /// <summary>The replicated expiration; local extensions are no part of it.</summary>
    public EntryExpiration Expiration { get; }

    /// <summary>Replication offset of the last set.</summary>
    public long Version => _entry.Version;

    /// <summary>Replication offset of the last set or touch.</summary>
    public long LastChange { get; }

    /// <summary>The entry's share of the digest.</summary>
    public StoreDigest Digest { get; }
}
