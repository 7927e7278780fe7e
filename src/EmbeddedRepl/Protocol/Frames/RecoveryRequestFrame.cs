namespace EmbeddedRepl.Protocol;

/// <summary>M→R: the master takes the replica's offer; the transfer runs from the replica to the master, with the frames of a sync.</summary>
/// <param name="Mode">What the master wants.</param>
/// <param name="FromOffset">The replication offset of the first byte wanted; 0 if the whole data set is.</param>
internal readonly record struct RecoveryRequestFrame(RecoveryMode Mode, long FromOffset) : IFrame<RecoveryRequestFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.RecoveryRequest;

    /// <inheritdoc/>
    public static int FieldCount => 2;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write((byte)Mode);
        writer.Write(FromOffset);
    }

    /// <inheritdoc/>
    public static RecoveryRequestFrame Read(ref MessagePackReader reader) => new(
        (RecoveryMode)reader.ReadInRange("mode", (int)RecoveryMode.Partial, (int)RecoveryMode.Full),
        reader.ReadNonNegative("offset"));
}
