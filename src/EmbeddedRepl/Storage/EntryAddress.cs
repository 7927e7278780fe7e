namespace EmbeddedRepl.Storage;

/// <summary>
/// Where an entry lies: 17 bits of segment and 19 bits of offset in granules of 8 bytes, 36 bits in all, so that it fits into an index slot
/// beside 26 bits of hash and 2 bits of use. Segment 0 is never used, which keeps addresses apart from the marks "empty" and "tombstone".
/// </summary>
internal static class EntryAddress
{
    /// <summary>Every entry starts at a multiple of this.</summary>
    public const int GranuleSize = 8;

    /// <summary>Size of a segment that is shared by many entries, in bytes.</summary>
    public const int SegmentSize = 1 << (GranuleBits + 3);

    /// <summary>How many bits an address has.</summary>
    public const int Bits = 36;

    private const int GranuleBits = 19;

    /// <summary>The segment's number.</summary>
    public static int SegmentOf(long address) => (int)(address >> GranuleBits);

    /// <summary>The offset inside the segment, in bytes.</summary>
    public static int OffsetOf(long address) => (int)(address & ((1 << GranuleBits) - 1)) * GranuleSize;

    /// <summary>Composes an address.</summary>
    /// <param name="segment">The segment's number.</param>
    /// <param name="offset">The offset in bytes, a multiple of <see cref="GranuleSize"/>.</param>
    public static long Of(int segment, int offset) => ((long)segment << GranuleBits) | (uint)(offset / GranuleSize);
}
