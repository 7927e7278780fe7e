using System.Buffers;
using System.Buffers.Binary;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>
/// Makes of the frames of this build those of a node of a later minor version: it says so, offers what nobody here knows, and appends fields to every frame that has fields.
/// </summary>
internal static class LaterMinorVersion
{
    private const int Minor = 7;
    private const Capabilities Unknown = (Capabilities)(1UL << 60);

    // A text, a map of a number to an array, and an extension.
    private static readonly byte[] Appended = [0xa1, 0x61, 0x81, 0x05, 0x91, 0xc0, 0xd4, 0x01, 0x02];
    private const int AppendedFields = 3;

    /// <summary>Rewrites whole frames, and adds the types of those that were changed.</summary>
    public static byte[] Rewrite(byte[] frames, HashSet<FrameType> seen)
    {
        var buffer = new ReadOnlySequence<byte>(frames);
        var output = new ArrayBufferWriter<byte>(frames.Length + 64);
        while (!buffer.IsEmpty)
        {
            ReadOnlySequence<byte> before = buffer;
            Assert.True(FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType type, out ReadOnlySequence<byte> payload), "Only whole frames are rewritten.");
            if (type is FrameType.StreamChunk or FrameType.SnapshotChunk)
            {
                output.Write(before.Slice(0, before.Length - buffer.Length).ToArray());
            }
            else
            {
                seen.Add(type);
                Write(output, type, Lengthen(Announce(type, payload)));
            }
        }

        return output.WrittenSpan.ToArray();
    }

    private static byte[] Announce(FrameType type, in ReadOnlySequence<byte> payload)
    {
        if (type == FrameType.Hello)
        {
            HelloFrame hello = FramePayload.Read<HelloFrame>(payload);
            return Payload(hello with { MinorVersion = Minor, Capabilities = hello.Capabilities | Unknown });
        }

        if (type == FrameType.HelloReply)
        {
            HelloReplyFrame reply = FramePayload.Read<HelloReplyFrame>(payload);
            return Payload(reply with { Hello = reply.Hello with { MinorVersion = Minor, Capabilities = reply.Hello.Capabilities | Unknown } });
        }

        return payload.ToArray();
    }

    private static byte[] Payload<T>(in T frame)
        where T : struct, IFrame<T>
    {
        var output = new ArrayBufferWriter<byte>();
        FramePayload.Write(output, frame);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Lengthen(byte[] payload)
    {
        Assert.InRange(payload[0] - MessagePackCode.MinFixArray, 0, 15 - AppendedFields);
        return [(byte)(payload[0] + AppendedFields), .. payload[1..], .. Appended];
    }

    private static void Write(ArrayBufferWriter<byte> output, FrameType type, byte[] payload)
    {
        Span<byte> header = output.GetSpan(FrameHeader.Size);
        new FrameHeader(payload.Length, type, Checksum: 0).Format(header);
        uint checksum = Crc32C.Append(Crc32C.Append(Crc32C.Initial, header[..FrameHeader.ChecksummedSize]), payload);
        BinaryPrimitives.WriteUInt32BigEndian(header[FrameHeader.ChecksummedSize..], checksum);
        output.Advance(FrameHeader.Size);
        output.Write(payload);
    }
}
