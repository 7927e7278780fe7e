using System.Buffers.Binary;

namespace EmbeddedRepl.NodeProcess.Clients;

/// <summary>Values that name the operation that wrote them, and of which every further byte follows from that name and the key: whatever is not whole shows.</summary>
internal static class OperationValue
{
    public const int MinSize = 24;

    public static byte[] Create(string key, long operation, int size)
    {
        byte[] value = new byte[Math.Max(size, MinSize)];
        BinaryPrimitives.WriteInt64LittleEndian(value, operation);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(sizeof(long)), value.Length);
        Fill(value.AsSpan(sizeof(long) + sizeof(int)), key, operation);
        return value;
    }

    /// <summary>The operation that wrote it; null if it is not whole, or another key's.</summary>
    public static long? Read(string key, byte[] value)
    {
        if (value.Length < MinSize || BinaryPrimitives.ReadInt32LittleEndian(value.AsSpan(sizeof(long))) != value.Length)
        {
            return null;
        }

        long operation = BinaryPrimitives.ReadInt64LittleEndian(value);
        byte[] expected = new byte[value.Length - sizeof(long) - sizeof(int)];
        Fill(expected, key, operation);
        return value.AsSpan(sizeof(long) + sizeof(int)).SequenceEqual(expected) ? operation : null;
    }

    private static void Fill(Span<byte> bytes, string key, long operation)
    {
        ulong state = ((ulong)operation * 0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D;
        foreach (char c in key)
        {
            state = (state * 1_099_511_628_211) ^ c;
        }

        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            state = (state * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407;
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, state ^ (state >> 29));
        }

        bytes.Fill((byte)(state >> 40));
    }
}
