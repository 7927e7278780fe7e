namespace EmbeddedRepl.Protocol;

/// <summary>R→M, when the master says that it is recovering: what the replica, or one below it, could give back.</summary>
/// <param name="Holder">The process that holds the data: the sender's own, or one below it whose offer it hands up.</param>
/// <param name="Id">The replication id of the holder's data.</param>
/// <param name="Offset">The replication offset up to which it has applied the stream.</param>
/// <param name="OriginId">The first id of its history.</param>
/// <param name="Ancestors">The ids that its history came from, the newest first.</param>
/// <param name="EntryCount">How many entries it holds.</param>
/// <param name="Digest">The digest of its data at the offset.</param>
/// <param name="Source">Where the data is.</param>
internal readonly record struct RecoveryOfferFrame(
    RunId Holder,
    ReplicationId Id,
    long Offset,
    ReplicationId OriginId,
    IReadOnlyList<Ancestor> Ancestors,
    long EntryCount,
    UInt128 Digest,
    RecoverySource Source) : IFrame<RecoveryOfferFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.RecoveryOffer;

    /// <inheritdoc/>
    public static int FieldCount => 8;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Holder);
        writer.Write(Id);
        writer.Write(Offset);
        writer.Write(OriginId);
        writer.Write(Ancestors);
        writer.Write(EntryCount);
        writer.Write(Digest);
        writer.Write((byte)Source);
    }

    /// <inheritdoc/>
    public static RecoveryOfferFrame Read(ref MessagePackReader reader) => new(
        reader.ReadRunId(),
        reader.ReadReplicationId(),
        reader.ReadNonNegative("offset"),
        reader.ReadReplicationId(),
        reader.ReadAncestors(),
        reader.ReadNonNegative("entries"),
        reader.ReadUInt128("digest"),
        (RecoverySource)reader.ReadInRange("source", (int)RecoverySource.Memory, (int)RecoverySource.GivenUp));
}
