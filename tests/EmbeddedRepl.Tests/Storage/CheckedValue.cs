using System.Buffers.Binary;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>
/// Values that tell whether they are torn: key number, version and length in front, then bytes that follow from these, then a hash of it all.
/// </summary>
internal static class CheckedValue
{
    public const int MinLength = 24;

    public static byte[] Create(int key, int version, int length)
    {
        byte[] value = new byte[Math.Max(length, MinLength)];
        BinaryPrimitives.WriteInt32LittleEndian(value, key);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(4), version);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(8), value.Length);
        for (int i = 12; i < value.Length - 8; i++)
        {
            value[i] = (byte)((key * 31) + (version * 7) + i);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(value.AsSpan(value.Length - 8), (ulong)XxHash3.Hash(value.AsSpan(0, value.Length - 8), 7));
        return value;
    }

    /// <summary>Throws if the value is not one that was created for that key; returns its version.</summary>
    public static int Verify(int key, ReadOnlySpan<byte> value)
    {
        bool isWhole = value.Length >= MinLength
            && BinaryPrimitives.ReadInt32LittleEndian(value) == key
            && BinaryPrimitives.ReadInt32LittleEndian(value[8..]) == value.Length
            && BinaryPrimitives.ReadUInt64LittleEndian(value[^8..]) == (ulong)XxHash3.Hash(value[..^8], 7);
        return isWhole
            ? BinaryPrimitives.ReadInt32LittleEndian(value[4..])
            : throw new InvalidOperationException($"The value of key {key} is torn: {value.Length} bytes.");
    }
}
