namespace EmbeddedRepl.Protocol;

/// <summary>M→R, every heartbeat interval. Outside the replication stream: it moves no offset.</summary>
/// <param name="UtcMs">The master's clock, in milliseconds since 1970.</param>
/// <param name="MasterEndOffset">The master's replication offset, from which the replica knows its lag.</param>
/// <param name="Digest">The master's digest at exactly the position in the stream at which this frame is placed; null if it has none to compare.</param>
internal readonly record struct HeartbeatFrame(long UtcMs, long MasterEndOffset, OffsetDigest? Digest) : IFrame<HeartbeatFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.Heartbeat;

    /// <inheritdoc/>
    public static int FieldCount => 3;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(UtcMs);
        writer.Write(MasterEndOffset);
        if (Digest is { } digest)
        {
            writer.WriteArrayHeader(OffsetDigest.FieldCount);
            writer.Write(digest.Offset);
            writer.Write(digest.Digest);
        }
        else
        {
            writer.WriteNil();
        }
    }

    /// <inheritdoc/>
    public static HeartbeatFrame Read(ref MessagePackReader reader) => new(
        reader.ReadNonNegative("clock"),
        reader.ReadNonNegative("end offset"),
        ReadDigest(ref reader));

    private static OffsetDigest? ReadDigest(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        reader.ReadFields("digest", OffsetDigest.FieldCount);
        return new OffsetDigest(reader.ReadNonNegative("offset of the digest"), reader.ReadUInt128("digest"));
    }
}
