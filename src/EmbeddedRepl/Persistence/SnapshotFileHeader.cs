using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Persistence;

/// <summary>What a snapshot file begins with: enough to know whether this node may load it at all.</summary>
/// <param name="CacheName">The cache that it belongs to.</param>
/// <param name="MaxKeySize">The largest key that its writer allowed, in bytes.</param>
/// <param name="MaxValueSize">The largest value that its writer allowed, in bytes.</param>
internal readonly record struct SnapshotFileHeader(string CacheName, int MaxKeySize, int MaxValueSize)
{
    private const int FieldCount = 3;

    private static ReadOnlySpan<byte> Magic => "ERPLSNAP"u8;

    public void Write(IBufferWriter<byte> output)
    {
        ArrayBufferWriter<byte> payload = new();
        MessagePackWriter writer = new(payload);
        writer.WriteArrayHeader(FieldCount);
        writer.Write(CacheName);
        writer.Write(MaxKeySize);
        writer.Write(MaxValueSize);
        writer.Flush();
        SnapshotFileSection.Write(output, Magic, payload.WrittenSpan);
    }

    /// <returns>False if more bytes are needed.</returns>
    /// <exception cref="SnapshotFileException">It is no header that this version reads.</exception>
    /// <exception cref="ProtocolException">Its fields are wrong.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out SnapshotFileHeader header)
    {
        header = default;
        if (!SnapshotFileSection.TryRead(ref buffer, Magic, out ReadOnlySequence<byte> payload))
        {
            return false;
        }

        MessagePackReader reader = new(payload);
        int count = reader.ReadArrayHeader();
        header = new SnapshotFileHeader(
            reader.ReadText("cache name", ProtocolLimits.CacheNameSize),
            reader.ReadInRange("largest key", 0, int.MaxValue),
            reader.ReadInRange("largest value", 0, int.MaxValue));
        SkipRest(ref reader, count - FieldCount);
        return true;
    }

    /// <summary>Passes over fields that a later version of the same format has appended.</summary>
    internal static void SkipRest(ref MessagePackReader reader, int count)
    {
        for (int i = 0; i < count; i++)
        {
            reader.Skip();
        }

        if (count < 0 || !reader.End)
        {
            throw new ProtocolException("A section has another number of fields than it says.");
        }
    }
}
