namespace EmbeddedRepl.Protocol;

/// <summary>
/// Writes forwarded operations into memory that the caller owns. A remove and a clear are encoded as the records of that kind are
/// (<see cref="RecordEncoder.EncodeRemove"/>, <see cref="RecordEncoder.EncodeClear"/>). Stateless, thread-safe, allocates nothing.
/// </summary>
internal static class OperationEncoder
{
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
        bool expires = HasExpiration(absolute, relative, window);
        PrefixWriter writer = new(destination);
        writer.WriteStart(expires ? 6 : 3, RecordKind.Set);
        writer.WriteBin(key);
        if (expires)
        {
            writer.WriteInteger(absolute);
            writer.WriteInteger(relative);
            writer.WriteInteger(window);
        }

        writer.WriteBinHeader(valueLength);
        return writer.Position;
    }

    private static bool HasExpiration(long absolute, long relative, long window) => (absolute | relative | window) != 0;
}
