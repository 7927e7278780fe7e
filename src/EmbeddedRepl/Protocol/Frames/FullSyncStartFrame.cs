namespace EmbeddedRepl.Protocol;

/// <summary>M→R, in a recovery R→M: a full sync starts; snapshot chunks follow, with stream chunks from the start offset between or after them.</summary>
/// <param name="Id">The replication id of the data.</param>
/// <param name="OriginId">The first id of its history.</param>
/// <param name="Ancestors">The ids that its history came from, the newest first.</param>
/// <param name="StartOffset">The replication offset at which the snapshot began; stream is sent from here.</param>
/// <param name="Seed">The secret of the data set, which keys the hashes of its store and digest on every node.</param>
/// <param name="EntryCountEstimate">About how many entries will come, to size things and to show progress; no promise.</param>
/// <param name="ByteEstimate">About how many bytes of snapshot will come; no promise.</param>
internal readonly record struct FullSyncStartFrame(
    ReplicationId Id,
    ReplicationId OriginId,
    IReadOnlyList<Ancestor> Ancestors,
    long StartOffset,
    UInt128 Seed,
    long EntryCountEstimate,
    long ByteEstimate) : IFrame<FullSyncStartFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.FullSyncStart;

    /// <inheritdoc/>
    public static int FieldCount => 7;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Id);
        writer.Write(OriginId);
        writer.Write(Ancestors);
        writer.Write(StartOffset);
        writer.Write(Seed);
        writer.Write(EntryCountEstimate);
        writer.Write(ByteEstimate);
    }

    /// <inheritdoc/>
    public static FullSyncStartFrame Read(ref MessagePackReader reader) => new(
        reader.ReadReplicationId(),
        reader.ReadReplicationId(),
        reader.ReadAncestors(),
        reader.ReadNonNegative("start offset"),
        reader.ReadUInt128("seed"),
        reader.ReadNonNegative("estimate of entries"),
        reader.ReadNonNegative("estimate of bytes"));
}
