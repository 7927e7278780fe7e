namespace EmbeddedRepl.Protocol;

/// <summary>M→R: other full syncs come first. Repeated while the replica waits, so that both ends know the link to be alive.</summary>
/// <param name="Position">How many replicas are served before this one can start; 0 if it is next.</param>
internal readonly record struct FullSyncWaitFrame(int Position) : IFrame<FullSyncWaitFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.FullSyncWait;

    /// <inheritdoc/>
    public static int FieldCount => 1;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer) => writer.Write(Position);

    /// <inheritdoc/>
    public static FullSyncWaitFrame Read(ref MessagePackReader reader) => new(reader.ReadInRange("position in line", 0, int.MaxValue));
}
