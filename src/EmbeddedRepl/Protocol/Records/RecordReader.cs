using System.Buffers;

namespace EmbeddedRepl.Protocol;

/// <summary>Reads records, which may be cut at any byte: false means that more bytes are needed. Stateless, thread-safe, allocates nothing.</summary>
internal static class RecordReader
{
    /// <summary>Reads the record at the start of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Bytes of a stream or snapshot, from the start of a record.</param>
    /// <param name="limits">What to admit.</param>
    /// <param name="record">The record; if false is returned, only <see cref="Record.Size"/> means something.</param>
    /// <param name="consumed">Its size in bytes, or 0.</param>
    /// <exception cref="ProtocolException">These bytes cannot become a record within the limits; thrown as soon as that is visible.</exception>
    public static bool TryRead(ReadOnlySpan<byte> buffer, in RecordLimits limits, out Record record, out int consumed)
    {
        consumed = 0;
        if (!TryReadPrefix(buffer, limits, out record, out int prefixSize, out _) || record.Size > buffer.Length)
        {
            return false;
        }

        consumed = (int)record.Size;
        record.Value = buffer[prefixSize..consumed];
        return true;
    }

    /// <summary>Reads the record at the start of <paramref name="buffer"/>, whose value is given as it lies.</summary>
    /// <param name="buffer">Bytes of a stream or snapshot, from the start of a record.</param>
    /// <param name="scratch">Takes the record's prefix if that lies in several segments: <see cref="RecordEncoder.MaxPrefixSize"/> of the largest key. The key may refer to it.</param>
    /// <param name="limits">What to admit.</param>
    /// <param name="record">The record without its value; if false is returned, only <see cref="Record.Size"/> means something.</param>
    /// <param name="value">The value; a window into <paramref name="buffer"/>.</param>
    /// <param name="consumed">Its size in bytes, or 0.</param>
    /// <exception cref="ProtocolException">These bytes cannot become a record within the limits; thrown as soon as that is visible.</exception>
    public static bool TryRead(
        in ReadOnlySequence<byte> buffer,
        Span<byte> scratch,
        in RecordLimits limits,
        out Record record,
        out ReadOnlySequence<byte> value,
        out long consumed)
    {
        int maxPrefixSize = RecordEncoder.MaxPrefixSize(limits.MaxKeySize);
        ArgumentOutOfRangeException.ThrowIfLessThan(scratch.Length, maxPrefixSize);
        value = default;
        consumed = 0;
        bool complete = TryReadPrefix(buffer.FirstSpan, limits, out record, out int prefixSize, out int valueSize);
        if (!complete && !buffer.IsSingleSegment)
        {
            int copied = (int)Math.Min(buffer.Length, maxPrefixSize);
            buffer.Slice(0, copied).CopyTo(scratch);
            complete = TryReadPrefix(scratch[..copied], limits, out record, out prefixSize, out valueSize);
        }

        if (!complete || record.Size > buffer.Length)
        {
            return false;
        }

        consumed = record.Size;
        value = buffer.Slice(prefixSize, valueSize);
        return true;
    }

    // Everything up to the value, which is last so that this can be read on its own.
    private static bool TryReadPrefix(ReadOnlySpan<byte> buffer, in RecordLimits limits, out Record record, out int prefixSize, out int valueSize)
    {
        PrefixReader reader = new(buffer);
        Record read = default;
        bool complete = TryReadElements(ref reader, limits, ref read, out valueSize);
        prefixSize = reader.Position;
        read.Size = complete ? (long)prefixSize + valueSize : reader.Needed;
        record = read;
        return complete;
    }

    private static bool TryReadElements(ref PrefixReader reader, in RecordLimits limits, ref Record record, out int valueSize)
    {
        valueSize = 0;
        if (!reader.TryReadArrayHeader(out int count) || !reader.TryReadInteger(out long kind))
        {
            return false;
        }

        record.Kind = CheckedKind(kind, count);
        if (record.Kind == RecordKind.Clear)
        {
            return true;
        }

        if (!reader.TryReadBinHeader("key", limits.MaxKeySize, out int keySize) || !reader.TryTake(keySize, out ReadOnlySpan<byte> key))
        {
            return false;
        }

        record.Key = key;
        return record.Kind switch
        {
            RecordKind.Set => TryReadExpiration(ref reader, count - 3, ref record)
                && reader.TryReadBinHeader("value", limits.MaxValueSize, out valueSize),
            RecordKind.Touch => TryReadTouch(ref reader, ref record),
            RecordKind.Entry => TryReadEntry(ref reader, count, ref record)
                && reader.TryReadBinHeader("value", limits.MaxValueSize, out valueSize),
            _ => true,
        };
    }

    private static bool TryReadTouch(ref PrefixReader reader, ref Record record)
    {
        if (!reader.TryReadInteger(out long version) || !reader.TryReadInteger(out long deadline))
        {
            return false;
        }

        record.Version = version;
        record.Deadline = deadline;
        return true;
    }

    private static bool TryReadEntry(ref PrefixReader reader, int count, ref Record record)
    {
        if (!reader.TryReadInteger(out long version))
        {
            return false;
        }

        // Only a touch changes an entry without a new version, and only sliding entries are touched.
        record.Version = version;
        record.LastChange = version;
        if (!TryReadExpiration(ref reader, Math.Min(count - 4, 3), ref record))
        {
            return false;
        }

        if (count == 8)
        {
            if (!reader.TryReadInteger(out long lastChange))
            {
                return false;
            }

            record.LastChange = lastChange;
        }

        return true;
    }

    // Nothing, a deadline, or all three: an entry slides only if it has a deadline.
    private static bool TryReadExpiration(ref PrefixReader reader, int fields, ref Record record)
    {
        if (fields == 0)
        {
            return true;
        }

        if (!reader.TryReadInteger(out long deadline))
        {
            return false;
        }

        record.Deadline = deadline;
        if (fields == 1)
        {
            return true;
        }

        if (!reader.TryReadInteger(out long window) || !reader.TryReadInteger(out long cap))
        {
            return false;
        }

        record.SlidingWindow = window;
        record.AbsoluteCap = cap;
        return true;
    }

    private static RecordKind CheckedKind(long kind, int count)
    {
        bool known = (RecordKind)kind switch
        {
            RecordKind.Set => count is 3 or 4 or 6,
            RecordKind.Remove => count is 2,
            RecordKind.Touch => count is 4,
            RecordKind.Clear => count is 1,
            RecordKind.Entry => count is 4 or 5 or 8,
            _ => throw new ProtocolException($"A record is of kind {kind}, which is unknown."),
        };
        return known ? (RecordKind)kind : throw new ProtocolException($"A record of kind {(RecordKind)kind} has {count} elements.");
    }
}
