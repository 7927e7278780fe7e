using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Generation;

/// <summary>One type of frame: how a valid one with random content is written, and how a payload is read and written again.</summary>
internal abstract class FrameKind
{
    public abstract FrameType Type { get; }

    /// <summary>Whether the payload is MessagePack.</summary>
    public abstract bool IsControl { get; }

    /// <summary>Appends a valid frame, header included.</summary>
    public abstract void Write(IBufferWriter<byte> output, FuzzRandom random);

    /// <summary>Reads a payload, and writes the payload of what was read.</summary>
    /// <exception cref="ProtocolException">It is no such payload.</exception>
    public abstract void ReadAndWrite(in ReadOnlySequence<byte> payload, InputBuffer output);

    public static FrameKind Of<T>(Func<FuzzRandom, T> create)
        where T : struct, IFrame<T> => new Control<T>(create);

    private sealed class Control<T>(Func<FuzzRandom, T> create) : FrameKind
        where T : struct, IFrame<T>
    {
        public override FrameType Type => T.Type;

        public override bool IsControl => true;

        public override void Write(IBufferWriter<byte> output, FuzzRandom random) => FrameWriter.Write(output, create(random));

        public override void ReadAndWrite(in ReadOnlySequence<byte> payload, InputBuffer output) => FramePayload.Write(output, FramePayload.Read<T>(payload));
    }

    /// <summary>Pieces of the stream.</summary>
    public sealed class StreamChunk : FrameKind
    {
        public override FrameType Type => FrameType.StreamChunk;

        public override bool IsControl => false;

        public override void Write(IBufferWriter<byte> output, FuzzRandom random) =>
            FrameWriter.WriteStreamChunk(output, random.NonNegative() >> 1, new ReadOnlySequence<byte>(random.Bytes(1 + random.Length(4_000))));

        public override void ReadAndWrite(in ReadOnlySequence<byte> payload, InputBuffer output)
        {
            StreamChunkFrame chunk = StreamChunkFrame.Read(payload);
            var frame = new ArrayBufferWriter<byte>();
            FrameWriter.WriteStreamChunk(frame, chunk.StartOffset, chunk.Bytes);
            output.Add(frame.WrittenSpan[FrameHeader.Size..]);
        }
    }

    /// <summary>Pieces of a snapshot.</summary>
    public sealed class SnapshotChunk : FrameKind
    {
        public override FrameType Type => FrameType.SnapshotChunk;

        public override bool IsControl => false;

        public override void Write(IBufferWriter<byte> output, FuzzRandom random) => FrameWriter.WriteSnapshotChunk(output, random.Bytes(1 + random.Length(4_000)));

        public override void ReadAndWrite(in ReadOnlySequence<byte> payload, InputBuffer output)
        {
            foreach (ReadOnlyMemory<byte> segment in SnapshotChunkFrame.Read(payload).Bytes)
            {
                output.Add(segment.Span);
            }
        }
    }
}
