namespace EmbeddedRepl.Protocol;

/// <summary>
/// A record as it was read. Times are UTC milliseconds of the master's clock, durations are milliseconds, 0 means none; what a kind does not
/// have is 0 or empty. The spans are windows into the buffer that it was read from, and valid for as long as that is.
/// </summary>
internal ref struct Record
{
    /// <summary>What it does; not a valid kind as long as the record is incomplete.</summary>
    public RecordKind Kind { readonly get; internal set; }

    /// <summary>The key's bytes; empty for <see cref="RecordKind.Clear"/>.</summary>
    public ReadOnlySpan<byte> Key { readonly get; internal set; }

    /// <summary>The value's bytes, if the record was read from one span; a reader of sequences gives the value separately.</summary>
    public ReadOnlySpan<byte> Value { readonly get; internal set; }

    /// <summary>When the entry expires.</summary>
    public long Deadline { readonly get; internal set; }

    /// <summary>By how much a read extends the entry.</summary>
    public long SlidingWindow { readonly get; internal set; }

    /// <summary>The deadline that no read extends the entry beyond.</summary>
    public long AbsoluteCap { readonly get; internal set; }

    /// <summary>The offset of the entry's last set: of a touch, the version that was read; of an entry, its own.</summary>
    public long Version { readonly get; internal set; }

    /// <summary>The offset of the last record that changed the entry.</summary>
    public long LastChange { readonly get; internal set; }

    /// <summary>The record's size in bytes. If the record is incomplete: how many bytes it needs at least, always more than there were.</summary>
    public long Size { readonly get; internal set; }
}
