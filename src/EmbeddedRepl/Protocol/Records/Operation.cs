namespace EmbeddedRepl.Protocol;

/// <summary>
/// A write as a caller on a replica asked for it: like a record, but the master computes the deadline. 0 means none. The spans are windows into
/// the buffer that it was read from.
/// </summary>
internal ref struct Operation
{
    /// <summary>
    /// <see cref="RecordKind.Set"/>, <see cref="RecordKind.Remove"/>, <see cref="RecordKind.Clear"/>, <see cref="RecordKind.CompareAndSet"/> or
    /// <see cref="RecordKind.CompareAndRemove"/>.
    /// </summary>
    public RecordKind Kind { readonly get; internal set; }

    /// <summary>The key's bytes.</summary>
    public ReadOnlySpan<byte> Key { readonly get; internal set; }

    /// <summary>The value's bytes.</summary>
    public ReadOnlySpan<byte> Value { readonly get; internal set; }

    /// <summary>Of a comparison: the version that the key must have.</summary>
    public EntryVersion Expected { readonly get; internal set; }

    /// <summary>The absolute expiration that the caller gave, in UTC milliseconds; travels unchanged.</summary>
    public long AbsoluteExpiration { readonly get; internal set; }

    /// <summary>The expiration relative to the moment at which the master applies the write, in milliseconds; wins over the absolute one.</summary>
    public long RelativeExpiration { readonly get; internal set; }

    /// <summary>The sliding window, in milliseconds.</summary>
    public long SlidingWindow { readonly get; internal set; }
}
