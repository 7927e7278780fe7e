using System.Buffers;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// A piece of the snapshot, which is one run of records cut at any byte. The payload is those bytes and nothing else; written by
/// <see cref="FrameWriter.WriteSnapshotChunk(System.Buffers.IBufferWriter{byte}, in ReadOnlySequence{byte})"/>.
/// </summary>
/// <param name="Bytes">A window into the received bytes, valid for as long as they are.</param>
internal readonly record struct SnapshotChunkFrame(ReadOnlySequence<byte> Bytes)
{
    /// <summary>The type in the frame header.</summary>
    public static FrameType Type => FrameType.SnapshotChunk;

    /// <summary>Reads the payload.</summary>
    /// <exception cref="ProtocolException">It is empty or too long.</exception>
    public static SnapshotChunkFrame Read(in ReadOnlySequence<byte> payload) => payload.Length switch
    {
        0 => throw new ProtocolException("A snapshot chunk has no bytes."),
        > FrameLimits.DataBytes => throw new ProtocolException($"A snapshot chunk has {payload.Length} bytes, but at most {FrameLimits.DataBytes} are allowed."),
        _ => new SnapshotChunkFrame(payload),
    };
}
