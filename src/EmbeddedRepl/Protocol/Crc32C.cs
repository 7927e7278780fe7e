using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// CRC-32C (Castagnoli, polynomial 0x1EDC6F41, as in RFC 3720), computed piece by piece: <c>Append(Append(Initial, a), b)</c> is the checksum of
/// a followed by b. Uses the processor's instruction where there is one. Stateless; thread-safe.
/// </summary>
internal static class Crc32C
{
    /// <summary>The checksum of no bytes.</summary>
    public const uint Initial = 0;

    // The instruction takes three cycles, but a new one can start in each, so that three independent lanes take little longer than one: a chunk of
    // 256 KiB is done in less than half the time. What a lane's checksum becomes when a lane's length of bytes follows is linear in its bits:
    // it can be looked up byte by byte.
    private const int LaneBytes = 512;
    private const int LaneWords = LaneBytes / sizeof(ulong);
    private static readonly uint[] ShiftByOneLane = MakeShiftTable();

    /// <summary>The checksum of what <paramref name="crc"/> covers followed by <paramref name="bytes"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ReadOnlySpan<byte> rest = bytes[(words.Length * sizeof(ulong))..];
        while (words.Length >= 3 * LaneWords)
        {
            crc = AppendThreeLanes(crc, words[..LaneWords], words.Slice(LaneWords, LaneWords), words.Slice(2 * LaneWords, LaneWords));
            words = words[(3 * LaneWords)..];
        }

        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, LittleEndian(word));
        }

        foreach (byte value in rest)
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

    private static uint AppendThreeLanes(uint crc, ReadOnlySpan<ulong> first, ReadOnlySpan<ulong> second, ReadOnlySpan<ulong> third)
    {
        uint crc2 = 0;
        uint crc3 = 0;
        for (int i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, LittleEndian(first[i]));
            crc2 = BitOperations.Crc32C(crc2, LittleEndian(second[i]));
            crc3 = BitOperations.Crc32C(crc3, LittleEndian(third[i]));
        }

        return Shift(Shift(crc) ^ crc2) ^ crc3;
    }

    private static uint Shift(uint crc)
    {
        ReadOnlySpan<uint> table = ShiftByOneLane;
        return table[(byte)crc]
            ^ table[256 + (byte)(crc >> 8)]
            ^ table[512 + (byte)(crc >> 16)]
            ^ table[768 + (int)(crc >> 24)];
    }

    private static uint[] MakeShiftTable()
    {
        uint[] table = new uint[4 * 256];
        for (int i = 0; i < table.Length; i++)
        {
            uint crc = (uint)(i & 0xff) << (8 * (i >> 8));
            for (int word = 0; word < LaneWords; word++)
            {
                crc = BitOperations.Crc32C(crc, 0UL);
            }

            table[i] = crc;
        }

        return table;
    }

    private static ulong LittleEndian(ulong word) => BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
}
