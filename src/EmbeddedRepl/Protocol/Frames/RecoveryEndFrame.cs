namespace EmbeddedRepl.Protocol;

/// <summary>R→M: everything that was asked for has been sent; the master compares before it accepts writes.</summary>
/// <param name="EndOffset">The replication offset that the data has.</param>
/// <param name="Digest">The digest of the data at that offset.</param>
/// <param name="EntryCount">How many entries there are.</param>
internal readonly record struct RecoveryEndFrame(long EndOffset, UInt128 Digest, long EntryCount) : IFrame<RecoveryEndFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.RecoveryEnd;

    /// <inheritdoc/>
    public static int FieldCount => 3;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(EndOffset);
        writer.Write(Digest);
        writer.Write(EntryCount);
    }

    /// <inheritdoc/>
    public static RecoveryEndFrame Read(ref MessagePackReader reader) => new(
        reader.ReadNonNegative("end offset"),
        reader.ReadUInt128("digest"),
        reader.ReadNonNegative("entries"));
}
