using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// CRC-32C (Castagnoli, polynomial 0x1EDC6F41, as in RFC 3720), computed piece by piece: <c>Append(Append(Initial, a), b)</c> is the checksum of
/// a followed by b. Uses the processor's instruction where there is one.
/// </summary>
internal static class Crc32C
{
    /// <summary>The checksum of no bytes.</summary>
    public const uint Initial = 0;

    /// <summary>The checksum of what <paramref name="crc"/> covers followed by <paramref name="bytes"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    /// <summary>The checksum of what <paramref name="crc"/> covers followed by <paramref name="bytes"/>.</summary>
    public static uint Append(uint crc, in ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            crc = Append(crc, segment.Span);
        }

        return crc;
    }
}
