namespace EmbeddedRepl.Replication;

/// <summary>
/// One piece of the replication stream in memory. Written once, front to back, then only read; a pin keeps it from being
/// recycled while somebody may still read it.
/// </summary>
internal sealed class StreamBlock
{
    public StreamBlock(int size) => Bytes = GC.AllocateUninitializedArray<byte>(size, pinned: true);

    public byte[] Bytes { get; }

    /// <summary>The offset in the stream of the block's first byte.</summary>
    public long StartOffset { get; private set; }

    /// <summary>How many bytes are written.</summary>
    public int Length { get; private set; }

    /// <summary>The first offset in this block, its end included, at which a record ends and the next one begins; -1 if there is none.</summary>
    public long FirstRecordOffset { get; set; }

    public StreamBlock? Next { get; set; }

    /// <summary>How many cursors are in this block. They hold it, and everything after it, in the log.</summary>
    public int Pins { get; set; }

    /// <summary>How many leases are out. They hold the bytes of this block alone, which may have left the log meanwhile.</summary>
    public int Leases { get; set; }

    /// <summary>Whether the block is part of a log.</summary>
    public bool IsLinked { get; set; }

    public int Free => Bytes.Length - Length;

    public long EndOffset => StartOffset + Length;

    public void Open(long startOffset)
    {
        StartOffset = startOffset;
        Length = 0;
        FirstRecordOffset = -1;
        Next = null;
        Pins = 0;
        Leases = 0;
        IsLinked = true;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Bytes.AsSpan(Length));
        Length += bytes.Length;
    }
}
