using System.Buffers.Binary;

namespace EmbeddedRepl.Protocol;

/// <summary>Writes the elements of a record or an operation up to its value, each in its smallest encoding. Used on one stack; allocates nothing.</summary>
/// <param name="destination">Large enough for what is written; owned by the caller.</param>
internal ref struct PrefixWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Position { get; private set; }

    /// <summary>How many bytes <see cref="WriteInteger"/> takes for this number.</summary>
    public static int SizeOfInteger(long value) => value switch
    {
        <= MessagePackCode.MaxFixInt => 1,
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        <= uint.MaxValue => 5,
        _ => 9,
    };

    /// <summary>How many bytes <see cref="WriteBinHeader"/> takes for this length.</summary>
    public static int SizeOfBinHeader(long length) => length switch
    {
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        _ => 5,
    };

    /// <summary>Writes the header of the array and the kind; both are always one byte.</summary>
    public void WriteStart(int count, RecordKind kind)
    {
        _destination[Position] = (byte)(MessagePackCode.MinFixArray | count);
        _destination[Position + 1] = (byte)kind;
        Position += 2;
    }

    /// <summary>Writes a whole number that is not negative.</summary>
    public void WriteInteger(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Span<byte> destination = _destination[Position..];
        switch (value)
        {
            case <= MessagePackCode.MaxFixInt:
                destination[0] = (byte)value;
                break;
            case <= byte.MaxValue:
                destination[0] = MessagePackCode.UInt8;
                destination[1] = (byte)value;
                break;
            case <= ushort.MaxValue:
                destination[0] = MessagePackCode.UInt16;
                BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)value);
                break;
            case <= uint.MaxValue:
                destination[0] = MessagePackCode.UInt32;
                BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)value);
                break;
            default:
                destination[0] = MessagePackCode.UInt64;
                BinaryPrimitives.WriteInt64BigEndian(destination[1..], value);
                break;
        }

        Position += SizeOfInteger(value);
    }

    /// <summary>Writes the length of bytes that follow.</summary>
    public void WriteBinHeader(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, uint.MaxValue);
        Span<byte> destination = _destination[Position..];
        switch (length)
        {
            case <= byte.MaxValue:
                destination[0] = MessagePackCode.Bin8;
                destination[1] = (byte)length;
                break;
            case <= ushort.MaxValue:
                destination[0] = MessagePackCode.Bin16;
                BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)length);
                break;
            default:
                destination[0] = MessagePackCode.Bin32;
                BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)length);
                break;
        }

        Position += SizeOfBinHeader(length);
    }

    /// <summary>Writes bytes with their length.</summary>
    public void WriteBin(scoped ReadOnlySpan<byte> bytes)
    {
        WriteBinHeader(bytes.Length);
        bytes.CopyTo(_destination[Position..]);
        Position += bytes.Length;
    }
}
