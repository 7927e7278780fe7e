namespace EmbeddedRepl.Protocol;

/// <summary>M→R: only a full sync is possible; the replica decides whether its own data may be replaced.</summary>
/// <param name="Id">The master's replication id.</param>
/// <param name="OriginId">The first id of its history.</param>
/// <param name="Offset">The master's replication offset now.</param>
/// <param name="Ancestors">The ids that its history came from, the newest first.</param>
/// <param name="Override">Whether an operator ordered the master to have refusals overridden.</param>
internal readonly record struct FullSyncOfferFrame(
    ReplicationId Id,
    ReplicationId OriginId,
    long Offset,
    IReadOnlyList<Ancestor> Ancestors,
    bool Override) : IFrame<FullSyncOfferFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.FullSyncOffer;

    /// <inheritdoc/>
    public static int FieldCount => 5;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Id);
        writer.Write(OriginId);
        writer.Write(Offset);
        writer.Write(Ancestors);
        writer.Write(Override);
    }

    /// <inheritdoc/>
    public static FullSyncOfferFrame Read(ref MessagePackReader reader) => new(
        reader.ReadReplicationId(),
        reader.ReadReplicationId(),
        reader.ReadNonNegative("offset"),
        reader.ReadAncestors(),
        reader.ReadBoolean());
}
