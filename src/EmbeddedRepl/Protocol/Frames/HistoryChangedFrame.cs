namespace EmbeddedRepl.Protocol;

/// <summary>M→R: the data goes on under a new replication id from this offset; sent when every byte before it has been sent, and before any after it.</summary>
/// <param name="NewId">The id from here on.</param>
/// <param name="Offset">The replication offset at which the id changes.</param>
/// <param name="Ancestors">The ids that the history came from, the one that ends here first.</param>
/// <param name="OriginId">The first id of the history.</param>
internal readonly record struct HistoryChangedFrame(
    ReplicationId NewId,
    long Offset,
    IReadOnlyList<Ancestor> Ancestors,
    ReplicationId OriginId) : IFrame<HistoryChangedFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.HistoryChanged;

    /// <inheritdoc/>
    public static int FieldCount => 4;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(NewId);
        writer.Write(Offset);
        writer.Write(Ancestors);
        writer.Write(OriginId);
    }

    /// <inheritdoc/>
    public static HistoryChangedFrame Read(ref MessagePackReader reader) => new(
        reader.ReadReplicationId(),
        reader.ReadNonNegative("offset"),
        reader.ReadAncestors(),
        reader.ReadReplicationId());
}
