namespace EmbeddedRepl.Protocol;

/// <summary>M→R: the master takes an offer; the transfer runs up to it with the frames of a sync.</summary>
/// <param name="Holder">The process whose offer is taken; a node that hands offers up hands this down.</param>
/// <param name="Mode">What the master wants.</param>
/// <param name="FromOffset">The replication offset of the first byte wanted; 0 if the whole data set is.</param>
internal readonly record struct RecoveryRequestFrame(RunId Holder, RecoveryMode Mode, long FromOffset) : IFrame<RecoveryRequestFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.RecoveryRequest;

    /// <inheritdoc/>
    public static int FieldCount => 3;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Holder);
        writer.Write((byte)Mode);
        writer.Write(FromOffset);
    }

    /// <inheritdoc/>
    public static RecoveryRequestFrame Read(ref MessagePackReader reader) => new(
        reader.ReadRunId(),
        (RecoveryMode)reader.ReadInRange("mode", (int)RecoveryMode.Partial, (int)RecoveryMode.Full),
        reader.ReadNonNegative("offset"));
}
