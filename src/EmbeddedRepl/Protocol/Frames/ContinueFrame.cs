namespace EmbeddedRepl.Protocol;

/// <summary>M→R: a partial resync; the stream follows from the offset that was asked for.</summary>
/// <param name="Id">The replication id to go on with; another than the replica's if that one is an ancestor.</param>
/// <param name="Offset">The replication offset of the first byte that follows: the one that was asked for.</param>
/// <param name="OriginId">The first id of the history.</param>
/// <param name="Ancestors">The ids that the history came from, the newest first.</param>
internal readonly record struct ContinueFrame(
    ReplicationId Id,
    long Offset,
    ReplicationId OriginId,
    IReadOnlyList<Ancestor> Ancestors) : IFrame<ContinueFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.Continue;

    /// <inheritdoc/>
    public static int FieldCount => 4;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Id);
        writer.Write(Offset);
        writer.Write(OriginId);
        writer.Write(Ancestors);
    }

    /// <inheritdoc/>
    public static ContinueFrame Read(ref MessagePackReader reader) => new(
        reader.ReadReplicationId(),
        reader.ReadNonNegative("offset"),
        reader.ReadReplicationId(),
        reader.ReadAncestors());
}
