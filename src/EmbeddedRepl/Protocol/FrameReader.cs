using System.Buffers;
using System.Buffers.Binary;

namespace EmbeddedRepl.Protocol;

/// <summary>Cuts frames out of received bytes. Stateless; thread-safe.</summary>
internal static class FrameReader
{
    /// <summary>Takes the next frame from the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">What has been received; moved past the frame if there is a whole one, otherwise left as it is.</param>
    /// <param name="maxPayload">The largest payload to admit, one of <see cref="FrameLimits"/>. A caller never needs to buffer more than this and <see cref="FrameHeader.Size"/>.</param>
    /// <param name="type">What the payload is.</param>
    /// <param name="payload">A window into the received bytes, valid for as long as they are.</param>
    /// <returns>False if more bytes are needed.</returns>
    /// <exception cref="ProtocolException">The frame is too large (thrown as soon as its length is visible), of an unknown type, or corrupt.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maxPayload, out FrameType type, out ReadOnlySequence<byte> payload)
    {
        type = default;
        payload = default;
        Span<byte> scratch = stackalloc byte[FrameHeader.Size];
        ReadOnlySpan<byte> header = Peek(buffer, scratch);
        if (header.Length >= sizeof(uint))
        {
            FrameHeader.CheckLength(BinaryPrimitives.ReadUInt32BigEndian(header), maxPayload);
        }

        if (header.Length < FrameHeader.Size)
        {
            return false;
        }

        FrameHeader parsed = FrameHeader.Parse(header, maxPayload);
        if (buffer.Length - FrameHeader.Size < parsed.PayloadLength)
        {
            return false;
        }

        ReadOnlySequence<byte> bytes = buffer.Slice(FrameHeader.Size, parsed.PayloadLength);
        uint checksum = Crc32C.Append(Crc32C.Append(Crc32C.Initial, header[..FrameHeader.ChecksummedSize]), bytes);
        if (checksum != parsed.Checksum)
        {
            throw new ProtocolException($"A frame of type {parsed.Type} is corrupt: its checksum is {parsed.Checksum:x8}, its bytes give {checksum:x8}.");
        }

        type = parsed.Type;
        payload = bytes;
        buffer = buffer.Slice(bytes.End);
        return true;
    }

    private static ReadOnlySpan<byte> Peek(in ReadOnlySequence<byte> buffer, Span<byte> scratch)
    {
        ReadOnlySpan<byte> first = buffer.FirstSpan;
        if (first.Length >= FrameHeader.Size)
        {
            return first[..FrameHeader.Size];
        }

        int length = (int)Math.Min(buffer.Length, FrameHeader.Size);
        buffer.Slice(0, length).CopyTo(scratch);
        return scratch[..length];
    }
}
