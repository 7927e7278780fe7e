namespace EmbeddedRepl.Storage;

/// <summary>
/// Where a read puts what it found. It may be called several times for one read, since what it was given counts only after the
/// stripe was checked again: it must be able to start over, and show nothing to others.
/// </summary>
internal interface IReadTarget
{
    /// <summary>Whether the reader only looks: it sees expired entries and extends nothing.</summary>
    static abstract bool IsObserver { get; }

    /// <summary>Takes a copy of what it wants.</summary>
    /// <param name="entry">The entry; its bytes may be torn.</param>
    /// <param name="effectiveDeadline">The replicated or the locally extended deadline, whichever is later; 0 if it does not expire.</param>
    /// <returns>False if the destination is too small.</returns>
    bool TryAccept(scoped EntryView entry, long effectiveDeadline);
}

/// <summary>A target that wants nothing but the value.</summary>
internal interface IValueTarget : IReadTarget
{
    /// <summary>Takes a copy of the value, which may be torn.</summary>
    /// <returns>False if the destination is too small.</returns>
    bool TryAcceptValue(scoped ReadOnlySpan<byte> value);
}
