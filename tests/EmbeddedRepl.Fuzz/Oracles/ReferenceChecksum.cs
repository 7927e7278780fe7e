using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Oracles;

/// <summary>CRC-32C of a frame, computed as the textbook does it and not as the library does, so that a wrong checksum that is accepted shows.</summary>
internal static class ReferenceChecksum
{
    private const uint Polynomial = 0x82F63B78;

    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum that belongs into a frame with these bytes: of the first part of its header, and of its payload.</summary>
    public static uint Of(ReadOnlySpan<byte> frame) => ~Append(Append(uint.MaxValue, frame[..FrameHeader.ChecksummedSize]), frame[FrameHeader.Size..]);

    /// <summary>The checksum of bytes.</summary>
    public static uint OfBytes(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => ~Append(Append(uint.MaxValue, first), second);

    private static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            state = Table[(byte)(state ^ value)] ^ (state >> 8);
        }

        return state;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }
}
