using System.Buffers.Binary;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// Reads the elements of a record or an operation up to its value from a span that may end anywhere. False means that the bytes end too early,
/// and that <see cref="Needed"/> says how far they would have to go at least. Used on one stack; allocates nothing.
/// </summary>
internal ref struct PrefixReader(ReadOnlySpan<byte> buffer)
{
    private readonly ReadOnlySpan<byte> _buffer = buffer;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>After a read that returned false: the size of the buffer below which it cannot succeed.</summary>
    public int Needed { get; private set; }

    /// <summary>Reads the header of an array of at most 15 elements; no record has more.</summary>
    public bool TryReadArrayHeader(out int count)
    {
        count = 0;
        if (!TryReadByte(out byte code))
        {
            return false;
        }

        if (code is < MessagePackCode.MinFixArray or > MessagePackCode.MaxFixArray)
        {
            throw new ProtocolException($"A record starts with 0x{code:x2}, which is not a short array.");
        }

        count = code - MessagePackCode.MinFixArray;
        return true;
    }

    /// <summary>Reads a whole number that is not negative.</summary>
    public bool TryReadInteger(out long value)
    {
        value = 0;
        if (!TryReadByte(out byte code))
        {
            return false;
        }

        if (code <= MessagePackCode.MaxFixInt)
        {
            value = code;
            return true;
        }

        int size = code switch
        {
            MessagePackCode.UInt8 or MessagePackCode.Int8 => 1,
            MessagePackCode.UInt16 or MessagePackCode.Int16 => 2,
            MessagePackCode.UInt32 or MessagePackCode.Int32 => 4,
            MessagePackCode.UInt64 or MessagePackCode.Int64 => 8,
            _ => throw new ProtocolException($"A record has 0x{code:x2} where a whole number that is not negative is needed."),
        };
        if (!TryTake(size, out ReadOnlySpan<byte> bytes))
        {
            return false;
        }

        // A number of 32 bits or less is negative exactly if it has a signed code and its top bit set.
        bool signed = code >= MessagePackCode.Int8;
        value = size switch
        {
            1 => signed ? (sbyte)bytes[0] : bytes[0],
            2 => signed ? BinaryPrimitives.ReadInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes),
            4 => signed ? BinaryPrimitives.ReadInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes),
            _ => BinaryPrimitives.ReadInt64BigEndian(bytes),
        };
        return value >= 0 ? true : throw new ProtocolException("A number in a record is negative, or beyond 63 bits.");
    }

    /// <summary>Reads the length of bytes that follow, and refuses more than <paramref name="max"/> at once.</summary>
    public bool TryReadBinHeader(string what, int max, out int length)
    {
        length = 0;
        if (!TryReadByte(out byte code))
        {
            return false;
        }

        int size = code switch
        {
            MessagePackCode.Bin8 => 1,
            MessagePackCode.Bin16 => 2,
            MessagePackCode.Bin32 => 4,
            _ => throw new ProtocolException($"A record has 0x{code:x2} where the bytes of a {what} are needed."),
        };
        if (!TryTake(size, out ReadOnlySpan<byte> bytes))
        {
            return false;
        }

        uint announced = size switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            _ => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        };
        if (announced > (uint)max)
        {
            throw new ProtocolException($"A {what} in a record has {announced} bytes, but at most {max} are allowed.");
        }

        length = (int)announced;
        return true;
    }

    /// <summary>Takes the next bytes.</summary>
    public bool TryTake(int length, out ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length - Position < length)
        {
            bytes = default;
            Needed = Position + length;
            return false;
        }

        bytes = _buffer.Slice(Position, length);
        Position += length;
        return true;
    }

    private bool TryReadByte(out byte value)
    {
        if (Position < _buffer.Length)
        {
            value = _buffer[Position++];
            return true;
        }

        value = 0;
        Needed = Position + 1;
        return false;
    }
}
