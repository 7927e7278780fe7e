namespace EmbeddedRepl.Protocol;

/// <summary>
/// Writes records into memory that the caller owns, and tells their size beforehand. The value comes last in a record: what is written here is
/// everything up to it, and the caller appends its bytes. Times are UTC milliseconds, durations milliseconds, 0 means none. Stateless,
/// thread-safe, allocates nothing.
/// </summary>
internal static class RecordEncoder
{
    // Two bytes of start, five numbers of nine bytes, two lengths of five bytes.
    private const int MaxOverhead = 2 + (5 * 9) + (2 * 5);

    /// <summary>The largest size of a record without its value, in bytes, of any kind and with any expiration.</summary>
    public static int MaxPrefixSize(int keyLength) => keyLength + MaxOverhead;

    /// <summary>The size of a set record with its value, in bytes.</summary>
    public static long SetSize(int keyLength, long valueLength, long deadline, long window, long cap) =>
        StartSize(keyLength) + ExpirationSize(deadline, window, cap) + BinSize(valueLength);

    /// <summary>The size of a remove record, in bytes.</summary>
    public static long RemoveSize(int keyLength) => StartSize(keyLength);

    /// <summary>The size of a touch record, in bytes.</summary>
    public static long TouchSize(int keyLength, long version, long deadline) =>
        StartSize(keyLength) + PrefixWriter.SizeOfInteger(version) + PrefixWriter.SizeOfInteger(deadline);

    /// <summary>The size of a clear record, in bytes.</summary>
    public static long ClearSize => 2;

    /// <summary>The size of an entry record with its value, in bytes.</summary>
    public static long EntrySize(int keyLength, long valueLength, long version, long deadline, long window, long cap, long lastChange) =>
        StartSize(keyLength)
        + PrefixWriter.SizeOfInteger(version)
        + ExpirationSize(deadline, window, cap)
        + (window == 0 ? 0 : PrefixWriter.SizeOfInteger(lastChange))
        + BinSize(valueLength);

    /// <summary>Writes a set record up to its value.</summary>
    /// <returns>How many bytes were written; <paramref name="valueLength"/> bytes of value follow.</returns>
    public static int EncodeSetPrefix(Span<byte> destination, ReadOnlySpan<byte> key, long valueLength, long deadline, long window, long cap)
    {
        PrefixWriter writer = new(destination);
        writer.WriteStart(3 + ExpirationFields(deadline, window), RecordKind.Set);
        writer.WriteBin(key);
        WriteExpiration(ref writer, deadline, window, cap);
        writer.WriteBinHeader(valueLength);
        return writer.Position;
    }

    /// <summary>Writes a remove record.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int EncodeRemove(Span<byte> destination, ReadOnlySpan<byte> key)
    {
        PrefixWriter writer = new(destination);
        writer.WriteStart(2, RecordKind.Remove);
        writer.WriteBin(key);
        return writer.Position;
    }

    /// <summary>Writes a touch record.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int EncodeTouch(Span<byte> destination, ReadOnlySpan<byte> key, long version, long deadline)
    {
        PrefixWriter writer = new(destination);
        writer.WriteStart(4, RecordKind.Touch);
        writer.WriteBin(key);
        writer.WriteInteger(version);
        writer.WriteInteger(deadline);
        return writer.Position;
    }

    /// <summary>Writes a clear record.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int EncodeClear(Span<byte> destination)
    {
        PrefixWriter writer = new(destination);
        writer.WriteStart(1, RecordKind.Clear);
        return writer.Position;
    }

    /// <summary>Writes an entry record up to its value. Without a sliding window the last change is the version, and does not travel.</summary>
    /// <returns>How many bytes were written; <paramref name="valueLength"/> bytes of value follow.</returns>
    public static int EncodeEntryPrefix(
        Span<byte> destination,
        ReadOnlySpan<byte> key,
        long valueLength,
        long version,
        long deadline,
        long window,
        long cap,
        long lastChange)
    {
        PrefixWriter writer = new(destination);
        writer.WriteStart(4 + ExpirationFields(deadline, window) + (window == 0 ? 0 : 1), RecordKind.Entry);
        writer.WriteBin(key);
        writer.WriteInteger(version);
        WriteExpiration(ref writer, deadline, window, cap);
        if (window != 0)
        {
            writer.WriteInteger(lastChange);
        }

        writer.WriteBinHeader(valueLength);
        return writer.Position;
    }

    private static int StartSize(int keyLength) => 2 + PrefixWriter.SizeOfBinHeader(keyLength) + keyLength;

    private static long BinSize(long length) => PrefixWriter.SizeOfBinHeader(length) + length;

    private static int ExpirationFields(long deadline, long window) => window != 0 ? 3 : deadline != 0 ? 1 : 0;

    private static int ExpirationSize(long deadline, long window, long cap) => ExpirationFields(deadline, window) switch
    {
        0 => 0,
        1 => PrefixWriter.SizeOfInteger(deadline),
        _ => PrefixWriter.SizeOfInteger(deadline) + PrefixWriter.SizeOfInteger(window) + PrefixWriter.SizeOfInteger(cap),
    };

    private static void WriteExpiration(ref PrefixWriter writer, long deadline, long window, long cap)
    {
        int fields = ExpirationFields(deadline, window);
        if (fields > 0)
        {
            writer.WriteInteger(deadline);
        }

        if (fields > 1)
        {
            writer.WriteInteger(window);
            writer.WriteInteger(cap);
        }
    }
}
