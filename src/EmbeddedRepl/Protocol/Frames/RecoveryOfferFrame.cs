namespace EmbeddedRepl.Protocol;

/// <summary>R→M, when the master says that it is recovering: what the replica could give back to it.</summary>
/// <param name="Id">The replication id of the replica's data.</param>
/// <param name="Offset">The replication offset up to which it has applied the stream.</param>
/// <param name="OriginId">The first id of its history.</param>
/// <param name="Ancestors">The ids that its history came from, the newest first.</param>
/// <param name="EntryCount">How many entries it holds.</param>
/// <param name="Digest">The digest of its data at the offset.</param>
/// <param name="Source">Where the data is.</param>
internal readonly record struct RecoveryOfferFrame(
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
    public static int FieldCount => 7;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
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
        reader.ReadReplicationId(),
        reader.ReadNonNegative("offset"),
        reader.ReadReplicationId(),
        reader.ReadAncestors(),
        reader.ReadNonNegative("entries"),
        reader.ReadUInt128("digest"),
        (RecoverySource)reader.ReadInRange("source", (int)RecoverySource.Memory, (int)RecoverySource.Loading));
}
