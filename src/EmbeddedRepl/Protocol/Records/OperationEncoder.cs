using System.Buffers.Binary;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// Writes forwarded operations into memory that the caller owns. A remove and a clear are encoded as the records of that kind are
/// (<see cref="RecordEncoder.EncodeRemove"/>, <see cref="RecordEncoder.EncodeClear"/>). Stateless, thread-safe, allocates nothing.
/// </summary>
internal static class OperationEncoder
{
    /// <summary>Bytes of the part of a version that is a hash.</summary>
    public const int HashSize = sizeof(ulong);

    /// <summary>The largest size of an operation without its value, in bytes.</summary>
    public static int MaxPrefixSize(int keyLength) => RecordEncoder.MaxPrefixSize(keyLength) + HashSize;

    /// <summary>The size of a set operation with its value, in bytes. Parameters as for <see cref="EncodeSetPrefix"/>.</summary>
    public static long SetSize(int keyLength, long valueLength, long absolute, long relative, long window)
    {
        long size = 2L + PrefixWriter.SizeOfBinHeader(keyLength) + keyLength + PrefixWriter.SizeOfBinHeader(valueLength) + valueLength;
        return HasExpiration(absolute, relative, window)
            ? size + PrefixWriter.SizeOfInteger(absolute) + PrefixWriter.SizeOfInteger(relative) + PrefixWriter.SizeOfInteger(window)
            : size;
    }

    /// <summary>Writes a set operation up to its value.</summary>
    /// <param name="destination">At least <see cref="RecordEncoder.MaxPrefixSize"/> bytes.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="valueLength">How many bytes of value follow.</param>
    /// <param name="absolute">The absolute expiration in UTC milliseconds, or 0.</param>
    /// <param name="relative">The relative expiration in milliseconds, or 0.</param>
    /// <param name="window">The sliding window in milliseconds, or 0.</param>
    /// <returns>How many bytes were written.</returns>
    public static int EncodeSetPrefix(Span<byte> destination, ReadOnlySpan<byte> key, long valueLength, long absolute, long relative, long window)
    {
        PrefixWriter writer = new(destination);
        writer.WriteStart(HasExpiration(absolute, relative, window) ? 6 : 3, RecordKind.Set);
        writer.WriteBin(key);
        WriteExpiration(ref writer, absolute, relative, window);
        writer.WriteBinHeader(valueLength);
        return writer.Position;
    }

    /// <summary>The size of a compare-and-set with its value, in bytes.</summary>
    public static long CompareAndSetSize(int keyLength, long valueLength, EntryVersion expected, long absolute, long relative, long window) =>
        SetSize(keyLength, valueLength, absolute, relative, window) + VersionSize(expected);

    /// <summary>The size of a compare-and-remove, in bytes.</summary>
    public static long CompareAndRemoveSize(int keyLength, EntryVersion expected) => RecordEncoder.RemoveSize(keyLength) + VersionSize(expected);

    /// <summary>Writes a compare-and-set up to its value. Parameters as for <see cref="EncodeSetPrefix"/>, but at least <see cref="MaxPrefixSize"/> bytes.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int EncodeCompareAndSetPrefix(
        Span<byte> destination, ReadOnlySpan<byte> key, EntryVersion expected, long valueLength, long absolute, long relative, long window)
    {
        PrefixWriter writer = new(destination);
        writer.WriteStart(HasExpiration(absolute, relative, window) ? 8 : 5, RecordKind.CompareAndSet);
        writer.WriteBin(key);
        WriteVersion(ref writer, expected);
        WriteExpiration(ref writer, absolute, relative, window);
        writer.WriteBinHeader(valueLength);
        return writer.Position;
    }

    /// <summary>Writes a compare-and-remove into at least <see cref="MaxPrefixSize"/> bytes.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int EncodeCompareAndRemove(Span<byte> destination, ReadOnlySpan<byte> key, EntryVersion expected)
    {
        PrefixWriter writer = new(destination);
        writer.WriteStart(4, RecordKind.CompareAndRemove);
        writer.WriteBin(key);
        WriteVersion(ref writer, expected);
        return writer.Position;
    }

    private static int VersionSize(EntryVersion version) => PrefixWriter.SizeOfInteger(version.Offset) + PrefixWriter.SizeOfBinHeader(HashSize) + HashSize;

    private static void WriteVersion(ref PrefixWriter writer, EntryVersion version)
    {
        // Not as a number: those of this protocol have 63 bits, a hash has 64.
        Span<byte> hash = stackalloc byte[HashSize];
        BinaryPrimitives.WriteUInt64BigEndian(hash, version.Hash);
        writer.WriteInteger(version.Offset);
        writer.WriteBin(hash);
    }

    private static void WriteExpiration(ref PrefixWriter writer, long absolute, long relative, long window)
    {
        if (HasExpiration(absolute, relative, window))
        {
            writer.WriteInteger(absolute);
            writer.WriteInteger(relative);
            writer.WriteInteger(window);
        }
    }

    private static bool HasExpiration(long absolute, long relative, long window) => (absolute | relative | window) != 0;
}
