using System.Buffers;

namespace EmbeddedRepl.Storage;

/// <summary>Copies the value into the caller's buffer.</summary>
internal ref struct SpanTarget(Span<byte> destination) : IValueTarget
{
    private readonly Span<byte> _destination = destination;

    public static bool IsObserver => false;

    /// <summary>Length of the value, also if it did not fit.</summary>
    public int Length { get; private set; }

    public bool TryAccept(scoped EntryView entry, long effectiveDeadline) => TryAcceptValue(entry.Value);

    public bool TryAcceptValue(scoped ReadOnlySpan<byte> value)
    {
        Length = value.Length;
        return value.TryCopyTo(_destination);
    }
}

/// <summary>Copies the value into memory of the caller's writer, which is advanced only after the read has been checked.</summary>
internal struct WriterTarget(IBufferWriter<byte> destination) : IValueTarget
{
    public static bool IsObserver => false;

    /// <summary>Length of the value, by which the writer is to be advanced after a hit.</summary>
    public int Length { get; private set; }

    public bool TryAccept(scoped EntryView entry, long effectiveDeadline) => TryAcceptValue(entry.Value);

    public bool TryAcceptValue(scoped ReadOnlySpan<byte> value)
    {
        Length = value.Length;
        value.CopyTo(Length == 0 ? default : destination.GetSpan(Length));
        return true;
    }
}

/// <summary>Copies the value into a new array.</summary>
internal struct ArrayTarget : IValueTarget
{
    public static bool IsObserver => false;

    public byte[]? Value { get; private set; }

    public bool TryAccept(scoped EntryView entry, long effectiveDeadline) => TryAcceptValue(entry.Value);

    public bool TryAcceptValue(scoped ReadOnlySpan<byte> value)
    {
        // An array of a former attempt is used again if it fits.
        if (Value?.Length != value.Length)
        {
            Value = value.IsEmpty ? [] : GC.AllocateUninitializedArray<byte>(value.Length);
        }

        value.CopyTo(Value);
        return true;
    }
}

/// <summary>Copies the value into a new array, and the version with it.</summary>
internal struct EntryTarget : IReadTarget
{
    private ArrayTarget _value;

    public static bool IsObserver => false;

    public readonly byte[]? Value => _value.Value;

    public EntryVersion Version { get; private set; }

    public bool TryAccept(scoped EntryView entry, long effectiveDeadline)
    {
        Version = new EntryVersion(entry.Version, (ulong)entry.ContentHash);
        return _value.TryAcceptValue(entry.Value);
    }
}

/// <summary>Wants nothing but that the entry counts as read.</summary>
internal struct TouchTarget : IReadTarget
{
    public static bool IsObserver => false;

    public readonly bool TryAccept(scoped EntryView entry, long effectiveDeadline) => true;
}

/// <summary>Copies the metadata.</summary>
internal struct MetadataTarget : IReadTarget
{
    public static bool IsObserver => true;

    public EntryMetadata Metadata { get; private set; }

    public bool TryAccept(scoped EntryView entry, long effectiveDeadline)
    {
        Metadata = new EntryMetadata(
            entry.Version, entry.LastChange, entry.Expiration, effectiveDeadline, entry.Header.KeyLength, entry.Header.ValueLength, (ulong)entry.ContentHash);
        return true;
    }
}
