namespace EmbeddedRepl.Storage;

/// <summary>What the store knows of an entry besides its key and value.</summary>
/// <param name="Version">Replication offset of the entry's last set.</param>
/// <param name="LastChange">Replication offset of the last set or touch.</param>
/// <param name="Expiration">The replicated expiration.</param>
/// <param name="EffectiveDeadline">The later of the replicated deadline and what reads on this node extended it to; UTC ms, 0 if the entry does not expire.</param>
/// <param name="KeyLength">Length of the key in bytes.</param>
/// <param name="ValueLength">Length of the value in bytes.</param>
/// <param name="Hash">The low 64 bits of the hash of key and value.</param>
internal readonly record struct EntryMetadata(
    long Version, long LastChange, EntryExpiration Expiration, long EffectiveDeadline, int KeyLength, int ValueLength, ulong Hash);
