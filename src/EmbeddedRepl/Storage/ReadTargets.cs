using System.Buffers;

namespace EmbeddedRepl.Storage;

/// <summary>Copies the value into the caller's buffer.</summary>
internal ref struct SpanTarget(Span<byte> destination) : IReadTarget
{
    private readonly Span<byte> _destination = destination;

    public static bool IsObserver => false;

    /// <summary>Length of the value, also if it did not fit.</summary>
    public int Length { get; private set; }

    public bool TryAccept(scoped EntryView entry, long effectiveDeadline)
    {
        Length = entry.Header.ValueLength;
        return entry.Value.TryCopyTo(_destination);
    }
}

/// <summary>Copies the value into memory of the caller's writer, which is advanced only after the read has been checked.</summary>
internal struct WriterTarget(IBufferWriter<byte> destination) : IReadTarget
{
    public static bool IsObserver => false;

    /// <summary>Length of the value, by which the writer is to be advanced after a hit.</summary>
    public int Length { get; private set; }

    public bool TryAccept(scoped EntryView entry, long effectiveDeadline)
    {
        Length = entry.Header.ValueLength;
        entry.Value.CopyTo(Length == 0 ? default : destination.GetSpan(Length));
        return true;
    }
}

/// <summary>Copies the value into a new array.</summary>
internal struct ArrayTarget : IReadTarget
{
    public static bool IsObserver => false;

    public byte[]? Value { get; private set; }

    public bool TryAccept(scoped EntryView entry, long effectiveDeadline)
    {
        // An array of a former attempt is used again if it fits.
        int length = entry.Header.ValueLength;
        if (Value?.Length != length)
        {
            Value = length == 0 ? [] : GC.AllocateUninitializedArray<byte>(length);
        }

        entry.Value.CopyTo(Value);
        return true;
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
            entry.Version, entry.LastChange, entry.Expiration, effectiveDeadline, entry.Header.KeyLength, entry.Header.ValueLength);
        return true;
    }
}
