namespace EmbeddedRepl.Protocol;

/// <summary>M→R, in a recovery R→M: the snapshot is complete. Placed in the connection exactly at the end offset; the receiver compares the digests and swaps here.</summary>
/// <param name="EntriesSent">How many entry records were sent, repetitions included.</param>
/// <param name="DigestOfSent">The sum of the digests of the entry records that were sent, repetitions included.</param>
/// <param name="EndOffset">The replication offset at which the loaded data is consistent, not before.</param>
/// <param name="EntryCountAtEnd">How many entries the sender had at the end offset.</param>
/// <param name="DigestAtEnd">The digest of the sender's data at the end offset.</param>
internal readonly record struct SnapshotEndFrame(
    long EntriesSent,
    UInt128 DigestOfSent,
    long EndOffset,
    long EntryCountAtEnd,
    UInt128 DigestAtEnd) : IFrame<SnapshotEndFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.SnapshotEnd;

    /// <inheritdoc/>
    public static int FieldCount => 5;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(EntriesSent);
        writer.Write(DigestOfSent);
        writer.Write(EndOffset);
        writer.Write(EntryCountAtEnd);
        writer.Write(DigestAtEnd);
    }

    /// <inheritdoc/>
    public static SnapshotEndFrame Read(ref MessagePackReader reader) => new(
        reader.ReadNonNegative("entries sent"),
        reader.ReadUInt128("digest of what was sent"),
        reader.ReadNonNegative("end offset"),
        reader.ReadNonNegative("entries at the end"),
        reader.ReadUInt128("digest at the end"));
}
