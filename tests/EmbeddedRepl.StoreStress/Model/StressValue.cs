using System.Buffers.Binary;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.StoreStress.Model;

/// <summary>Values that prove what they are: key and offset of the set in front, then bytes that follow from these, then a hash of it all. A value that is torn, or another key's, is recognized.</summary>
internal static class StressValue
{
    public const int MinLength = 28;

    private const int Front = 20;
    private const int Tail = 8;

    /// <summary>Fills a buffer with the value of that key and offset.</summary>
    public static void Fill(Span<byte> value, int key, long offset)
    {
        BinaryPrimitives.WriteInt32LittleEndian(value, key);
        BinaryPrimitives.WriteInt64LittleEndian(value[4..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(value[12..], value.Length);
        Span<byte> middle = value[Front..^Tail];
        byte start = (byte)((key * 31) + offset);
        for (int i = 0; i < middle.Length; i++)
        {
            middle[i] = (byte)(start + i);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(value[^Tail..], HashOf(value));
    }

    /// <summary>The offset of the set that made the value, or null if it is none of that key, or torn.</summary>
    public static long? OffsetOf(int key, ReadOnlySpan<byte> value) =>
        value.Length >= MinLength
        && BinaryPrimitives.ReadInt32LittleEndian(value) == key
        && BinaryPrimitives.ReadInt64LittleEndian(value[12..]) == value.Length
        && BinaryPrimitives.ReadUInt64LittleEndian(value[^Tail..]) == HashOf(value)
            ? BinaryPrimitives.ReadInt64LittleEndian(value[4..])
            : null;

    private static ulong HashOf(ReadOnlySpan<byte> value) => (ulong)XxHash3.Hash(value[..^Tail], 7);
}
