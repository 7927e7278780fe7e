using System.Buffers;
using System.Buffers.Binary;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Persistence;

/// <summary>
/// A part of a snapshot file that is no frame: what it begins with, or what it ends with. Layout in <c>DESIGN.md</c>. Stateless; thread-safe.
/// </summary>
internal static class SnapshotFileSection
{
    /// <summary>The format that is written, and the highest one that is read.</summary>
    public const int Format = 1;

    /// <summary>Bytes before the payload.</summary>
    public const int PrefixSize = 20;

    /// <summary>The largest payload, in bytes; the ancestors and names of a section take less than 2 KiB.</summary>
    public const int MaxPayload = 64 << 10;

    private const int MagicSize = 8;
    private const int LengthAt = 12;
    private const int ChecksumAt = 16;

    /// <param name="output">Where to.</param>
    /// <param name="magic">Eight bytes.</param>
    /// <param name="payload">One MessagePack array.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> magic, ReadOnlySpan<byte> payload)
    {
        Span<byte> prefix = output.GetSpan(PrefixSize)[..PrefixSize];
        magic.CopyTo(prefix);
        BinaryPrimitives.WriteUInt32BigEndian(prefix[MagicSize..], Format);
        BinaryPrimitives.WriteUInt32BigEndian(prefix[LengthAt..], (uint)payload.Length);
        uint checksum = Crc32C.Append(Crc32C.Append(Crc32C.Initial, prefix[..ChecksumAt]), payload);
        BinaryPrimitives.WriteUInt32BigEndian(prefix[ChecksumAt..], checksum);
        output.Advance(PrefixSize);
        output.Write(payload);
    }

    /// <summary>Takes a section from the front of <paramref name="buffer"/>.</summary>
    /// <returns>False if more bytes are needed.</returns>
    /// <exception cref="SnapshotFileException">It is another section, of a higher format, or damaged.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, ReadOnlySpan<byte> magic, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        Span<byte> prefix = stackalloc byte[PrefixSize];
        int there = (int)Math.Min(buffer.Length, PrefixSize);
        buffer.Slice(0, there).CopyTo(prefix);
        int magicThere = Math.Min(there, MagicSize);
        if (!prefix[..magicThere].SequenceEqual(magic[..magicThere]))
        {
            throw Damaged("it does not have the form of a snapshot file");
        }

        if (there < PrefixSize)
        {
            return false;
        }

        uint format = BinaryPrimitives.ReadUInt32BigEndian(prefix[MagicSize..]);
        if (format > Format)
        {
            // Before the checksum, which may be another one there.
            throw new SnapshotFileException(
                SnapshotFileProblem.NewerFormat,
                $"It has format {format}, but this version reads formats up to {Format}; a newer version wrote it. Start that version.");
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(prefix[LengthAt..]);
        if (format == 0 || length > MaxPayload)
        {
            throw Damaged("the head of a section is wrong");
        }

        if (buffer.Length - PrefixSize < length)
        {
            return false;
        }

        ReadOnlySequence<byte> bytes = buffer.Slice(PrefixSize, length);
        uint checksum = Crc32C.Append(Crc32C.Append(Crc32C.Initial, prefix[..ChecksumAt]), bytes);
        if (checksum != BinaryPrimitives.ReadUInt32BigEndian(prefix[ChecksumAt..]))
        {
            throw Damaged("the checksum of a section is wrong");
        }

        payload = bytes;
        buffer = buffer.Slice(bytes.End);
        return true;
    }

    /// <param name="what">Continues the sentence "It is damaged: …".</param>
    /// <param name="innerException">What was noticed first, or null.</param>
    public static SnapshotFileException Damaged(string what, Exception? innerException = null) =>
        new(SnapshotFileProblem.Damaged, $"It is damaged: {what}.", innerException);
}
