using System.Buffers;
using System.Text;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// Reads MessagePack from a complete frame; anything that is malformed or cut short is a <see cref="ProtocolException"/>, never another
/// exception. Every encoding of a number is accepted, not only the smallest. Members are named as in the NuGet package MessagePack, whose reader
/// can take this one's place. Used by one thread; allocates only the strings that it returns.
/// </summary>
/// <param name="sequence">One or more whole values; must stay unchanged while this reader and the sequences that it returned are in use.</param>
internal ref struct MessagePackReader(in ReadOnlySequence<byte> sequence)
{
    /// <summary>How deep arrays and maps may be nested in what <see cref="Skip"/> passes over.</summary>
    public const int MaxDepth = 16;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private SequenceReader<byte> _reader = new(sequence);

    /// <summary>Bytes read so far.</summary>
    public readonly long Consumed => _reader.Consumed;

    /// <summary>Whether everything has been read.</summary>
    public readonly bool End => _reader.End;

    /// <summary>The first byte of the next value.</summary>
    public readonly byte NextCode => _reader.TryPeek(out byte code) ? code : throw Truncated("a value");

    /// <summary>The kind of the next value.</summary>
    public readonly MessagePackType NextMessagePackType => MessagePackCode.ToMessagePackType(NextCode);

    /// <summary>Reads the number of elements of the array that follows; never more than there are bytes left.</summary>
    public int ReadArrayHeader() => ReadHeader("an array", MessagePackCode.MinFixArray, MessagePackCode.MaxFixArray, MessagePackCode.Array16, 1);

    /// <summary>Reads the number of pairs of the map that follows; never more than the bytes left can hold.</summary>
    public int ReadMapHeader() => ReadHeader("a map", MessagePackCode.MinFixMap, MessagePackCode.MaxFixMap, MessagePackCode.Map16, 2);

    /// <summary>Reads nil if it comes next; otherwise reads nothing and returns false.</summary>
    public bool TryReadNil()
    {
        if (NextCode != MessagePackCode.Nil)
        {
            return false;
        }

        _reader.Advance(1);
        return true;
    }

    /// <summary>Reads a truth value.</summary>
    public bool ReadBoolean()
    {
        byte code = ReadCode("true or false");
        return code switch
        {
            MessagePackCode.True => true,
            MessagePackCode.False => false,
            _ => throw Unexpected("true or false", code),
        };
    }

    /// <summary>Reads a whole number of 8 bits.</summary>
    public byte ReadByte()
    {
        ulong value = ReadUInt64();
        return value <= byte.MaxValue ? (byte)value : throw OutOfRange(byte.MaxValue);
    }

    /// <summary>Reads a whole number of 32 bits.</summary>
    public int ReadInt32()
    {
        long value = ReadInt64();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw OutOfRange(int.MaxValue);
    }

    /// <summary>Reads a whole number of 64 bits.</summary>
    public long ReadInt64()
    {
        ulong bits = ReadInteger(out bool negative);
        return negative || bits <= long.MaxValue ? (long)bits : throw OutOfRange(long.MaxValue);
    }

    /// <summary>Reads a whole number of 64 bits that is not negative.</summary>
    public ulong ReadUInt64()
    {
        ulong bits = ReadInteger(out bool negative);
        return negative ? throw new ProtocolException("Expected a number that is not negative.") : bits;
    }

    /// <summary>Reads bytes, or nil as null. The result is a window into the input, not a copy.</summary>
    public ReadOnlySequence<byte>? ReadBytes()
    {
        if (TryReadNil())
        {
            return null;
        }

        byte code = ReadCode("bytes");
        uint length = code switch
        {
            MessagePackCode.Bin8 => ReadBigEndian8(),
            MessagePackCode.Bin16 => ReadBigEndian16(),
            MessagePackCode.Bin32 => ReadBigEndian32(),
            _ => throw Unexpected("bytes", code),
        };
        return Take(length, "bytes");
    }

    /// <summary>Reads the UTF-8 bytes of a text, or nil as null, without checking that they are valid. A window into the input, not a copy.</summary>
    public ReadOnlySequence<byte>? ReadStringSequence()
    {
        if (TryReadNil())
        {
            return null;
        }

        byte code = ReadCode("text");
        uint length = code switch
        {
            >= MessagePackCode.MinFixStr and <= MessagePackCode.MaxFixStr => (uint)(code - MessagePackCode.MinFixStr),
            MessagePackCode.Str8 => ReadBigEndian8(),
            MessagePackCode.Str16 => ReadBigEndian16(),
            MessagePackCode.Str32 => ReadBigEndian32(),
            _ => throw Unexpected("text", code),
        };
        return Take(length, "text");
    }

    /// <summary>Reads text, or nil as null.</summary>
    public string? ReadString()
    {
        if (ReadStringSequence() is not { } utf8)
        {
            return null;
        }

        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException exception)
        {
            throw new ProtocolException("Expected text in valid UTF-8.", exception);
        }
    }

    /// <summary>Passes over one whole value of any kind, at most <see cref="MaxDepth"/> levels deep.</summary>
    public void Skip() => SkipNested(MaxDepth);

    private void SkipNested(int depth)
    {
        if (depth == 0)
        {
            throw new ProtocolException($"Values are nested deeper than {MaxDepth} levels.");
        }

        switch (NextMessagePackType)
        {
            case MessagePackType.Integer:
                ReadInteger(out _);
                break;
            case MessagePackType.Nil or MessagePackType.Boolean:
                _reader.Advance(1);
                break;
            case MessagePackType.Float:
                Take(ReadCode("a number") == MessagePackCode.Float32 ? 4u : 8u, "a number");
                break;
            case MessagePackType.String:
                ReadStringSequence();
                break;
            case MessagePackType.Binary:
                ReadBytes();
                break;
            case MessagePackType.Array:
                SkipElements(ReadArrayHeader(), depth - 1);
                break;
            case MessagePackType.Map:
                SkipElements(2L * ReadMapHeader(), depth - 1);
                break;
            case MessagePackType.Extension:
                SkipExtension();
                break;
            default:
                throw Unexpected("a value", NextCode);
        }
    }

    private void SkipElements(long count, int depth)
    {
        for (long i = 0; i < count; i++)
        {
            SkipNested(depth);
        }
    }

    private void SkipExtension()
    {
        byte code = ReadCode("an extension");
        uint length = code switch
        {
            MessagePackCode.Ext8 => ReadBigEndian8(),
            MessagePackCode.Ext16 => ReadBigEndian16(),
            MessagePackCode.Ext32 => ReadBigEndian32(),
            _ => 1u << (code - MessagePackCode.FixExt1),
        };
        Take(1, "the type of an extension");
        Take(length, "an extension");
    }

    // The 32-bit form of every header has the code after its 16-bit form. An element has at least one byte, so that a count beyond the bytes
    // that are left is a lie, and nobody should size an array by it.
    private int ReadHeader(string expected, byte minFix, byte maxFix, byte code16, int minElementSize)
    {
        byte code = ReadCode(expected);
        uint count;
        if (code >= minFix && code <= maxFix)
        {
            count = (uint)(code - minFix);
        }
        else if (code == code16)
        {
            count = ReadBigEndian16();
        }
        else if (code == code16 + 1)
        {
            count = ReadBigEndian32();
        }
        else
        {
            throw Unexpected(expected, code);
        }

        return count <= int.MaxValue && count * (long)minElementSize <= _reader.Remaining ? (int)count : throw Truncated(expected);
    }

    private ulong ReadInteger(out bool negative)
    {
        byte code = ReadCode("a whole number");
        negative = false;
        switch (code)
        {
            case <= MessagePackCode.MaxFixInt:
                return code;
            case MessagePackCode.UInt8:
                return ReadBigEndian8();
            case MessagePackCode.UInt16:
                return ReadBigEndian16();
            case MessagePackCode.UInt32:
                return ReadBigEndian32();
            case MessagePackCode.UInt64:
                return ReadBigEndian64();
            case >= MessagePackCode.MinNegativeFixInt:
                return Signed((sbyte)code, out negative);
            case MessagePackCode.Int8:
                return Signed((sbyte)ReadBigEndian8(), out negative);
            case MessagePackCode.Int16:
                return Signed((short)ReadBigEndian16(), out negative);
            case MessagePackCode.Int32:
                return Signed((int)ReadBigEndian32(), out negative);
            case MessagePackCode.Int64:
                return Signed((long)ReadBigEndian64(), out negative);
            default:
                throw Unexpected("a whole number", code);
        }
    }

    private static ulong Signed(long value, out bool negative)
    {
        negative = value < 0;
        return (ulong)value;
    }

    private byte ReadCode(string expected) => _reader.TryRead(out byte code) ? code : throw Truncated(expected);

    private byte ReadBigEndian8() => _reader.TryRead(out byte value) ? value : throw Truncated("a number of 8 bits");

    private ushort ReadBigEndian16() => _reader.TryReadBigEndian(out short value) ? (ushort)value : throw Truncated("a number of 16 bits");

    private uint ReadBigEndian32() => _reader.TryReadBigEndian(out int value) ? (uint)value : throw Truncated("a number of 32 bits");

    private ulong ReadBigEndian64() => _reader.TryReadBigEndian(out long value) ? (ulong)value : throw Truncated("a number of 64 bits");

    private ReadOnlySequence<byte> Take(uint length, string what)
    {
        if (_reader.Remaining < length)
        {
            throw Truncated(what);
        }

        ReadOnlySequence<byte> taken = _reader.UnreadSequence.Slice(0, length);
        _reader.Advance(length);
        return taken;
    }

    private static ProtocolException Truncated(string expected) => new($"Expected {expected}, but the bytes end there.");

    private static ProtocolException Unexpected(string expected, byte code) => new($"Expected {expected}, but the next byte is 0x{code:x2}.");

    private static ProtocolException OutOfRange(long max) => new($"Expected a number up to {max}, but it is out of range.");
}
