using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// Writes MessagePack, each value in its smallest encoding, and allocates nothing. Members are named as in the NuGet package MessagePack, whose
/// writer can take this one's place. Used by one thread; nothing is in the output before <see cref="Flush"/>.
/// </summary>
/// <param name="output">Receives the bytes; owned by the caller.</param>
internal ref struct MessagePackWriter(IBufferWriter<byte> output)
{
    private readonly IBufferWriter<byte> _output = output;
    private Span<byte> _free;
    private int _used;

    /// <summary>Writes the number of elements of the array that follows.</summary>
    public void WriteArrayHeader(int count) => WriteHeader(count, MessagePackCode.MinFixArray, 15, MessagePackCode.Array16);

    /// <summary>Writes the number of pairs of the map that follows.</summary>
    public void WriteMapHeader(int count) => WriteHeader(count, MessagePackCode.MinFixMap, 15, MessagePackCode.Map16);

    /// <summary>Writes nil.</summary>
    public void WriteNil() => WriteByte(MessagePackCode.Nil);

    /// <summary>Writes a truth value.</summary>
    public void Write(bool value) => WriteByte(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>Writes a whole number.</summary>
    public void Write(byte value) => Write((ulong)value);

    /// <summary>Writes a whole number.</summary>
    public void Write(int value) => Write((long)value);

    /// <summary>Writes a whole number.</summary>
    public void Write(long value)
    {
        if (value >= 0)
        {
            Write((ulong)value);
            return;
        }

        switch (value)
        {
            case >= -32:
                WriteByte((byte)value);
                break;
            case >= sbyte.MinValue:
                Span<byte> int8 = Take(2);
                int8[0] = MessagePackCode.Int8;
                int8[1] = (byte)value;
                break;
            case >= short.MinValue:
                Span<byte> int16 = Take(3);
                int16[0] = MessagePackCode.Int16;
                BinaryPrimitives.WriteInt16BigEndian(int16[1..], (short)value);
                break;
            case >= int.MinValue:
                Span<byte> int32 = Take(5);
                int32[0] = MessagePackCode.Int32;
                BinaryPrimitives.WriteInt32BigEndian(int32[1..], (int)value);
                break;
            default:
                Span<byte> int64 = Take(9);
                int64[0] = MessagePackCode.Int64;
                BinaryPrimitives.WriteInt64BigEndian(int64[1..], value);
                break;
        }
    }

    /// <summary>Writes a whole number.</summary>
    public void Write(ulong value)
    {
        switch (value)
        {
            case <= MessagePackCode.MaxFixInt:
                WriteByte((byte)value);
                break;
            case <= byte.MaxValue:
                Span<byte> uint8 = Take(2);
                uint8[0] = MessagePackCode.UInt8;
                uint8[1] = (byte)value;
                break;
            case <= ushort.MaxValue:
                Span<byte> uint16 = Take(3);
                uint16[0] = MessagePackCode.UInt16;
                BinaryPrimitives.WriteUInt16BigEndian(uint16[1..], (ushort)value);
                break;
            case <= uint.MaxValue:
                Span<byte> uint32 = Take(5);
                uint32[0] = MessagePackCode.UInt32;
                BinaryPrimitives.WriteUInt32BigEndian(uint32[1..], (uint)value);
                break;
            default:
                Span<byte> uint64 = Take(9);
                uint64[0] = MessagePackCode.UInt64;
                BinaryPrimitives.WriteUInt64BigEndian(uint64[1..], value);
                break;
        }
    }

    /// <summary>Writes the length of the bytes that <see cref="WriteRaw(ReadOnlySpan{byte})"/> is to follow with.</summary>
    public void WriteBinHeader(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length <= byte.MaxValue)
        {
            Span<byte> bin8 = Take(2);
            bin8[0] = MessagePackCode.Bin8;
            bin8[1] = (byte)length;
        }
        else
        {
            WriteLongHeader(length, MessagePackCode.Bin16);
        }
    }

    /// <summary>Writes bytes with their length.</summary>
    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        WriteBinHeader(bytes.Length);
        WriteRaw(bytes);
    }

    /// <summary>Writes bytes with their length.</summary>
    public void Write(in ReadOnlySequence<byte> bytes)
    {
        WriteBinHeader(checked((int)bytes.Length));
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            WriteRaw(segment.Span);
        }
    }

    /// <summary>Writes text as UTF-8 with its length, or nil. A lone surrogate becomes U+FFFD, as MessagePack text has to be valid.</summary>
    public void Write(string? text)
    {
        if (text is null)
        {
            WriteNil();
            return;
        }

        int length = Encoding.UTF8.GetByteCount(text);
        if (length is > 31 and <= byte.MaxValue)
        {
            Span<byte> str8 = Take(2);
            str8[0] = MessagePackCode.Str8;
            str8[1] = (byte)length;
        }
        else
        {
            WriteHeader(length, MessagePackCode.MinFixStr, 31, MessagePackCode.Str16);
        }

        Encoding.UTF8.GetBytes(text, Take(length));
    }

    /// <summary>Writes bytes as they are: they must be whole values, or follow a header that announced them.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> rawMessagePackBlock)
    {
        Flush();
        _output.Write(rawMessagePackBlock);
    }

    /// <summary>Hands what was written to the output. Must be called at the end.</summary>
    public void Flush()
    {
        if (_used > 0)
        {
            _output.Advance(_used);
            _used = 0;
        }

        _free = default;
    }

    private void WriteHeader(int count, byte fixCode, int fixMax, byte code16)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count <= fixMax)
        {
            WriteByte((byte)(fixCode | count));
        }
        else
        {
            WriteLongHeader(count, code16);
        }
    }

    // In MessagePack the 32-bit form of every header has the code after its 16-bit form.
    private void WriteLongHeader(int count, byte code16)
    {
        if (count <= ushort.MaxValue)
        {
            Span<byte> header16 = Take(3);
            header16[0] = code16;
            BinaryPrimitives.WriteUInt16BigEndian(header16[1..], (ushort)count);
        }
        else
        {
            Span<byte> header32 = Take(5);
            header32[0] = (byte)(code16 + 1);
            BinaryPrimitives.WriteUInt32BigEndian(header32[1..], (uint)count);
        }
    }

    private void WriteByte(byte value) => Take(1)[0] = value;

    private Span<byte> Take(int size)
    {
        if (_free.Length - _used < size)
        {
            Flush();
            _free = _output.GetSpan(size);
        }

        Span<byte> taken = _free.Slice(_used, size);
        _used += size;
        return taken;
    }
}
