using System.Buffers.Binary;

namespace EmbeddedRepl.Protocol;

/// <summary>Reads forwarded operations, once their request is complete or from its first bytes on. Stateless, thread-safe, allocates nothing.</summary>
internal static class OperationReader
{
    /// <summary>Reads the operation at the start of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Bytes of a request, from the start of an operation.</param>
    /// <param name="limits">What to admit.</param>
    /// <param name="operation">The operation; meaningless if false is returned.</param>
    /// <param name="consumed">Its size in bytes, or 0.</param>
    /// <returns>False if more bytes are needed.</returns>
    /// <exception cref="ProtocolException">These bytes cannot become an operation within the limits; thrown as soon as that is visible.</exception>
    public static bool TryRead(ReadOnlySpan<byte> buffer, in RecordLimits limits, out Operation operation, out int consumed)
    {
        PrefixReader reader = new(buffer);
        Operation read = default;
        bool complete = TryReadElements(ref reader, limits, ref read);
        consumed = complete ? reader.Position : 0;
        operation = read;
        return complete;
    }

    private static bool TryReadElements(ref PrefixReader reader, in RecordLimits limits, ref Operation operation)
    {
        if (!reader.TryReadArrayHeader(out int count) || !reader.TryReadInteger(out long kind))
        {
            return false;
        }

        operation.Kind = CheckedKind(kind, count);
        if (operation.Kind == RecordKind.Clear)
        {
            return true;
        }

        if (!reader.TryReadBinHeader("key", limits.MaxKeySize, out int keySize) || !reader.TryTake(keySize, out ReadOnlySpan<byte> key))
        {
            return false;
        }

        operation.Key = key;
        bool isComparison = operation.Kind is RecordKind.CompareAndSet or RecordKind.CompareAndRemove;
        if (isComparison && !TryReadVersion(ref reader, ref operation))
        {
            return false;
        }

        if (operation.Kind is RecordKind.Remove or RecordKind.CompareAndRemove)
        {
            return true;
        }

        if (count == (isComparison ? 8 : 6) && !TryReadExpiration(ref reader, ref operation))
        {
            return false;
        }

        if (!reader.TryReadBinHeader("value", limits.MaxValueSize, out int valueSize) || !reader.TryTake(valueSize, out ReadOnlySpan<byte> value))
        {
            return false;
        }

        operation.Value = value;
        return true;
    }

    private static bool TryReadVersion(ref PrefixReader reader, ref Operation operation)
    {
        if (!reader.TryReadInteger(out long offset)
            || !reader.TryReadBinHeader("version", OperationEncoder.HashSize, out int size) || !reader.TryTake(size, out ReadOnlySpan<byte> hash))
        {
            return false;
        }

        if (size != OperationEncoder.HashSize)
        {
            throw new ProtocolException($"The hash of a version has {size} bytes, not {OperationEncoder.HashSize}.");
        }

        operation.Expected = new EntryVersion(offset, BinaryPrimitives.ReadUInt64BigEndian(hash));
        return true;
    }

    private static bool TryReadExpiration(ref PrefixReader reader, ref Operation operation)
    {
        if (!reader.TryReadInteger(out long absolute) || !reader.TryReadInteger(out long relative) || !reader.TryReadInteger(out long window))
        {
            return false;
        }

        operation.AbsoluteExpiration = absolute;
        operation.RelativeExpiration = relative;
        operation.SlidingWindow = window;
        return true;
    }

    private static RecordKind CheckedKind(long kind, int count)
    {
        bool known = (RecordKind)kind switch
        {
            RecordKind.Set => count is 3 or 6,
            RecordKind.Remove => count is 2,
            RecordKind.Clear => count is 1,
            RecordKind.CompareAndSet => count is 5 or 8,
            RecordKind.CompareAndRemove => count is 4,
            _ => throw new ProtocolException($"An operation is of kind {kind}, which is unknown."),
        };
        return known ? (RecordKind)kind : throw new ProtocolException($"An operation of kind {(RecordKind)kind} has {count} elements.");
    }
}
