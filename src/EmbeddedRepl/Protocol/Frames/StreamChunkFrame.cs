using System.Buffers;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// A piece of the replication stream as it is in the backlog, cut at any byte. Written by <see cref="FrameWriter.WriteStreamChunk"/>.
/// <code>
///   0              8
///   +--------------+-------------------+
///   | start offset | bytes of stream … |
///   |  u64, big-e. |                   |
///   +--------------+-------------------+
/// </code>
/// </summary>
/// <param name="StartOffset">The replication offset of the first byte; the replica checks it against what it has.</param>
/// <param name="Bytes">A window into the received bytes, valid for as long as they are.</param>
internal readonly record struct StreamChunkFrame(long StartOffset, ReadOnlySequence<byte> Bytes)
{
    /// <summary>The type in the frame header.</summary>
    public static FrameType Type => FrameType.StreamChunk;

    /// <summary>Reads the payload.</summary>
    /// <exception cref="ProtocolException">It is empty or too long, or the offset is impossible.</exception>
    public static StreamChunkFrame Read(in ReadOnlySequence<byte> payload)
    {
        long length = payload.Length - sizeof(long);
        if (length is <= 0 or > FrameLimits.DataBytes)
        {
            throw new ProtocolException($"A stream chunk has {payload.Length} bytes, but needs an offset and 1 to {FrameLimits.DataBytes} bytes of stream.");
        }

        SequenceReader<byte> reader = new(payload);
        bool complete = reader.TryReadBigEndian(out long startOffset);
        return complete && startOffset >= 0 && startOffset <= long.MaxValue - length
            ? new StreamChunkFrame(startOffset, reader.UnreadSequence)
            : throw new ProtocolException($"The start offset of a stream chunk is out of range: {startOffset}.");
    }
}
