using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class FrameWriterTests
{
    [Fact]
    public void Header_OfAHeartbeat_IsTheDocumentedOne()
    {
        byte[] frame = FrameSamples.Get("full-sync-wait").Frame;

        // Payload [17] is 0x91 0x11; the checksum is computed here from the definition: eight bytes of header, then the payload.
        byte[] header = [0, 0, 0, 2, 0x15, 0, 0, 0];
        uint checksum = Crc32C.Append(Crc32C.Initial, (byte[])[.. header, 0x91, 0x11]);
        byte[] expected = [.. header, (byte)(checksum >> 24), (byte)(checksum >> 16), (byte)(checksum >> 8), (byte)checksum, 0x91, 0x11];
        Assert.Equal(expected, frame);
    }

    [Fact]
    public void ChunkPrefixes_FollowedByTheirBytes_AreTheWholeFrames()
    {
        ReadOnlySequence<byte> bytes = Sequences.Cut(FrameSamples.Bytes(0, 100), 0, 33, 1);
        ArrayBufferWriter<byte> stream = new();
        ArrayBufferWriter<byte> snapshot = new();
        byte[] streamPrefix = new byte[FrameWriter.StreamChunkPrefixSize];
        byte[] snapshotPrefix = new byte[FrameWriter.SnapshotChunkPrefixSize];

        FrameWriter.WriteStreamChunk(stream, 5, bytes);
        FrameWriter.WriteSnapshotChunk(snapshot, bytes);
        FrameWriter.FormatStreamChunkPrefix(streamPrefix, 5, bytes);
        FrameWriter.FormatSnapshotChunkPrefix(snapshotPrefix, bytes);

        Assert.Equal(stream.WrittenSpan, (byte[])[.. streamPrefix, .. bytes.ToArray()]);
        Assert.Equal(snapshot.WrittenSpan, (byte[])[.. snapshotPrefix, .. bytes.ToArray()]);
    }

    [Fact]
    public void Write_InSteadyState_AllocatesNothing()
    {
        ArrayBufferWriter<byte> output = new(1 << 16);
        HeartbeatFrame heartbeat = new(1, 2, new OffsetDigest(3, 4));
        NotNowFrame notNow = new(NotNowReason.Loading, "loading", 5, [FrameSamples.Run(1)]);
        ReadOnlySequence<byte> bytes = new(new byte[1000]);
        Assert.Equal(0, AllocatedBytes.LeastOf(Write));

        void Write()
        {
            output.ResetWrittenCount();
            FrameWriter.Write(output, heartbeat);
            FrameWriter.Write(output, notNow);
            FrameWriter.WriteStreamChunk(output, 1, bytes);
            FrameWriter.WriteSnapshotChunk(output, bytes);
        }
    }
}
