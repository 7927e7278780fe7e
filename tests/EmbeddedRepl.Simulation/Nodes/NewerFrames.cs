using System.Buffers;
using System.Buffers.Binary;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>
/// Turns what a node sends into what a node of a newer minor version would send: every control frame has fields that nobody here knows. Hello and its answer stay, because the
/// handshake proves over their bytes, and a newer node would have hashed what it sent.
/// </summary>
internal static class NewerFrames
{
    /// <summary>What is appended: a text, a nested array and nil.</summary>
    private static ReadOnlySpan<byte> Fields => [0xA3, (byte)'n', (byte)'e', (byte)'w', 0x92, 0x01, 0xC4, 0x02, 0xFF, 0x00, 0xC0];

    private const int FieldCount = 3;

    /// <param name="bytes">Whole frames.</param>
    public static byte[] Append(byte[] bytes)
    {
        var output = new ArrayBufferWriter<byte>(bytes.Length + 64);
        ReadOnlySpan<byte> rest = bytes;
        while (rest.Length > 0)
        {
            int payload = (int)BinaryPrimitives.ReadUInt32BigEndian(rest);
            ReadOnlySpan<byte> frame = rest[..(FrameHeader.Size + payload)];
            rest = rest[frame.Length..];
            var type = (FrameType)frame[4];
            bool isRaw = type is FrameType.SnapshotChunk or FrameType.StreamChunk or FrameType.Hello or FrameType.HelloReply;
            if (isRaw || payload > FrameLimits.BeforeAuthentication / 2)
            {
                output.Write(frame);
            }
            else
            {
                Write(output, frame[..FrameHeader.Size], frame[FrameHeader.Size..]);
            }
        }

        return output.WrittenSpan.ToArray();
    }

    private static void Write(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        var reader = new MessagePackReader(new ReadOnlySequence<byte>(payload.ToArray()));
        int count = reader.ReadArrayHeader();
        int headerSize = payload[0] < 0xA0 ? 1 : 3;
        var longer = new ArrayBufferWriter<byte>(payload.Length + 32);
        var writer = new MessagePackWriter(longer);
        writer.WriteArrayHeader(count + FieldCount);
        writer.WriteRaw(payload[headerSize..]);
        writer.WriteRaw(Fields);
        writer.Flush();

        Span<byte> start = output.GetSpan(FrameHeader.Size);
        header.CopyTo(start);
        BinaryPrimitives.WriteUInt32BigEndian(start, (uint)longer.WrittenCount);
        uint checksum = Crc32C.Append(Crc32C.Append(Crc32C.Initial, start[..FrameHeader.ChecksummedSize]), longer.WrittenSpan);
        BinaryPrimitives.WriteUInt32BigEndian(start[FrameHeader.ChecksummedSize..], checksum);
        output.Advance(FrameHeader.Size);
        output.Write(longer.WrittenSpan);
    }
}
