using System.Buffers;
using System.Buffers.Binary;

namespace EmbeddedRepl.Protocol;

/// <summary>Writes frames. Thread-safe as long as each output is used by one thread; allocates nothing in steady state.</summary>
internal static class FrameWriter
{
    /// <summary>Bytes of a stream chunk in front of its bytes of stream: the frame header and the start offset.</summary>
    public const int StreamChunkPrefixSize = FrameHeader.Size + sizeof(long);

    /// <summary>Bytes of a snapshot chunk in front of its bytes of snapshot: the frame header.</summary>
    public const int SnapshotChunkPrefixSize = FrameHeader.Size;

    // The header needs the length and checksum of what follows it, and an IBufferWriter cannot go back: the payload is encoded here first.
    // One per thread that sends; it grows to the largest frame that the thread has sent this way, which FrameLimits bounds.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    /// <summary>Writes a control frame.</summary>
    /// <exception cref="ArgumentException">The frame is larger than its type may be.</exception>
    public static void Write<T>(IBufferWriter<byte> output, in T frame)
        where T : struct, IFrame<T>
    {
        ArrayBufferWriter<byte> scratch = _scratch ??= new ArrayBufferWriter<byte>(FrameLimits.BeforeAuthentication);
        scratch.ResetWrittenCount();
        FramePayload.Write(scratch, frame);
        ReadOnlySpan<byte> payload = scratch.WrittenSpan;
        CheckSize(payload.Length, FrameLimits.Of(T.Type), T.Type);

        Span<byte> header = output.GetSpan(FrameHeader.Size);
        FormatHeader(header, T.Type, payload.Length);
        FormatChecksum(header, Crc32C.Append(ChecksumOfHeader(header), payload));
        output.Advance(FrameHeader.Size);
        output.Write(payload);
    }

    /// <summary>Writes a stream chunk, copying the bytes.</summary>
    /// <param name="output">Receives the frame.</param>
    /// <param name="startOffset">The replication offset of the first byte.</param>
    /// <param name="bytes">Bytes of the replication stream as they are: 1 to <see cref="FrameLimits.DataBytes"/>, cut anywhere.</param>
    public static void WriteStreamChunk(IBufferWriter<byte> output, long startOffset, in ReadOnlySequence<byte> bytes)
    {
        FormatStreamChunkPrefix(output.GetSpan(StreamChunkPrefixSize), startOffset, bytes);
        output.Advance(StreamChunkPrefixSize);
        WriteSequence(output, bytes);
    }

    /// <summary>Writes what comes before the bytes in a stream chunk, for a sender that sends the bytes from where they are.</summary>
    /// <param name="destination">At least <see cref="StreamChunkPrefixSize"/> bytes, all of which are written.</param>
    /// <param name="startOffset">The replication offset of the first byte.</param>
    /// <param name="bytes">What will follow: 1 to <see cref="FrameLimits.DataBytes"/>.</param>
    public static void FormatStreamChunkPrefix(Span<byte> destination, long startOffset, in ReadOnlySequence<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(startOffset);
        int length = CheckedDataLength(bytes, FrameType.StreamChunk);
        FormatHeader(destination, FrameType.StreamChunk, sizeof(long) + length);
        Span<byte> offset = destination.Slice(FrameHeader.Size, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(offset, startOffset);
        FormatChecksum(destination, Crc32C.Append(Crc32C.Append(ChecksumOfHeader(destination), offset), bytes));
    }

    /// <summary>Writes a snapshot chunk, copying the bytes.</summary>
    /// <param name="output">Receives the frame.</param>
    /// <param name="bytes">Bytes of the snapshot: 1 to <see cref="FrameLimits.DataBytes"/>, cut anywhere.</param>
    public static void WriteSnapshotChunk(IBufferWriter<byte> output, in ReadOnlySequence<byte> bytes)
    {
        FormatSnapshotChunkPrefix(output.GetSpan(SnapshotChunkPrefixSize), bytes);
        output.Advance(SnapshotChunkPrefixSize);
        WriteSequence(output, bytes);
    }

    /// <summary>Writes a snapshot chunk, copying the bytes.</summary>
    /// <param name="output">Receives the frame.</param>
    /// <param name="bytes">Bytes of the snapshot: 1 to <see cref="FrameLimits.DataBytes"/>, cut anywhere.</param>
    public static void WriteSnapshotChunk(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        CheckDataLength(bytes.Length, FrameType.SnapshotChunk);
        Span<byte> header = output.GetSpan(SnapshotChunkPrefixSize);
        FormatHeader(header, FrameType.SnapshotChunk, bytes.Length);
        FormatChecksum(header, Crc32C.Append(ChecksumOfHeader(header), bytes));
        output.Advance(SnapshotChunkPrefixSize);
        output.Write(bytes);
    }

    /// <summary>Writes what comes before the bytes in a snapshot chunk, for a sender that sends the bytes from where they are.</summary>
    /// <param name="destination">At least <see cref="SnapshotChunkPrefixSize"/> bytes, all of which are written.</param>
    /// <param name="bytes">What will follow: 1 to <see cref="FrameLimits.DataBytes"/>.</param>
    public static void FormatSnapshotChunkPrefix(Span<byte> destination, in ReadOnlySequence<byte> bytes)
    {
        int length = CheckedDataLength(bytes, FrameType.SnapshotChunk);
        FormatHeader(destination, FrameType.SnapshotChunk, length);
        FormatChecksum(destination, Crc32C.Append(ChecksumOfHeader(destination), bytes));
    }

    private static void FormatHeader(Span<byte> destination, FrameType type, int payloadLength) =>
        new FrameHeader(payloadLength, type, Checksum: 0).Format(destination);

    private static uint ChecksumOfHeader(ReadOnlySpan<byte> header) => Crc32C.Append(Crc32C.Initial, header[..FrameHeader.ChecksummedSize]);

    private static void FormatChecksum(Span<byte> header, uint checksum) =>
        BinaryPrimitives.WriteUInt32BigEndian(header[FrameHeader.ChecksummedSize..], checksum);

    private static void WriteSequence(IBufferWriter<byte> output, in ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            output.Write(segment.Span);
        }
    }

    private static int CheckedDataLength(in ReadOnlySequence<byte> bytes, FrameType type)
    {
        CheckDataLength(bytes.Length, type);
        return (int)bytes.Length;
    }

    private static void CheckDataLength(long length, FrameType type)
    {
        if (length == 0)
        {
            throw new ArgumentException($"A frame of type {type} without bytes says nothing.");
        }

        CheckSize(length, FrameLimits.DataBytes, type);
    }

    private static void CheckSize(long size, int limit, FrameType type)
    {
        if (size > limit)
        {
            throw new ArgumentException($"A frame of type {type} with {size} bytes is beyond the limit of {limit}.");
        }
    }
}
