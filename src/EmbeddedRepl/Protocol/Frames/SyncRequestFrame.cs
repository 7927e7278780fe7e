namespace EmbeddedRepl.Protocol;

/// <summary>R→M: where the replica stands; the master answers with continue, an offer of a full sync, not now, or an error.</summary>
/// <param name="Id">The replication id of the replica's data; <see cref="ReplicationId.None"/> if it has no history.</param>
/// <param name="Offset">The replication offset up to which it has applied the stream: the next byte that it wants.</param>
/// <param name="OriginId">The first id of its history.</param>
/// <param name="Ancestors">The ids that its history came from, the newest first.</param>
/// <param name="HoldsData">Whether it has entries that a full sync would replace.</param>
internal readonly record struct SyncRequestFrame(
    ReplicationId Id,
    long Offset,
    ReplicationId OriginId,
    IReadOnlyList<Ancestor> Ancestors,
    bool HoldsData) : IFrame<SyncRequestFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.SyncRequest;

    /// <inheritdoc/>
    public static int FieldCount => 5;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Id);
        writer.Write(Offset);
        writer.Write(OriginId);
        writer.Write(Ancestors);
        writer.Write(HoldsData);
    }

    /// <inheritdoc/>
    public static SyncRequestFrame Read(ref MessagePackReader reader) => new(
        reader.ReadReplicationId(),
        reader.ReadNonNegative("offset"),
        reader.ReadReplicationId(),
        reader.ReadAncestors(),
        reader.ReadBoolean());
}
