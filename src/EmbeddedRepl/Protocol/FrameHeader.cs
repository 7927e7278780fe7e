using System.Buffers.Binary;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// The 12 bytes in front of every payload, big-endian:
/// <code>
///   0        4      5       6          8          12
///   +--------+------+-------+----------+----------+---------------+
///   | length | type | flags | reserved | CRC-32C  | payload …     |
///   |  u32   |  u8  | u8 =0 |  u16 =0  |   u32    | length bytes  |
///   +--------+------+-------+----------+----------+---------------+
///   |&lt;-- covered by the CRC ---------&gt;|          |&lt;-- covered --&gt;|
/// </code>
/// </summary>
/// <param name="PayloadLength">Bytes after the header.</param>
/// <param name="Type">What the payload is.</param>
/// <param name="Checksum">CRC-32C over the first <see cref="ChecksummedSize"/> bytes of the header followed by the payload.</param>
internal readonly record struct FrameHeader(int PayloadLength, FrameType Type, uint Checksum)
{
    /// <summary>Size of the header in bytes.</summary>
    public const int Size = 12;

    /// <summary>How many bytes of the header, from its start, the checksum covers.</summary>
    public const int ChecksummedSize = 8;

    /// <summary>Writes the header, with its first <see cref="ChecksummedSize"/> bytes complete before the checksum is needed.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void Format(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)PayloadLength);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], (uint)Type << 24);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Checksum);
    }

    /// <summary>Reads a header and refuses what this version does not know. The checksum is not yet compared.</summary>
    /// <param name="source">At least <see cref="Size"/> bytes.</param>
    /// <param name="maxPayload">The largest payload that the reader admits now, in bytes.</param>
    /// <exception cref="ProtocolException">The payload is too large, the type is unknown, or flags or reserved bits are set.</exception>
    public static FrameHeader Parse(ReadOnlySpan<byte> source, int maxPayload)
    {
        uint length = BinaryPrimitives.ReadUInt32BigEndian(source);
        CheckLength(length, maxPayload);
        FrameType type = (FrameType)source[4];
        CheckLength(length, FrameLimits.Of(type));
        if (source[5] != 0)
        {
            throw new ProtocolException($"Frame flags are 0x{source[5]:x2}, but this version knows none.");
        }

        if (source[6] != 0 || source[7] != 0)
        {
            throw new ProtocolException("The reserved bytes of a frame header are not zero.");
        }

        return new FrameHeader((int)length, type, BinaryPrimitives.ReadUInt32BigEndian(source[8..]));
    }

    /// <summary>Refuses a payload length that is beyond the limit; possible as soon as the first four bytes are there.</summary>
    /// <exception cref="ProtocolException"><paramref name="length"/> is more than <paramref name="maxPayload"/>.</exception>
    public static void CheckLength(uint length, int maxPayload)
    {
        if (length > (uint)maxPayload)
        {
            throw new ProtocolException($"A frame announces {length} bytes, but at most {maxPayload} are allowed here.");
        }
    }
}
