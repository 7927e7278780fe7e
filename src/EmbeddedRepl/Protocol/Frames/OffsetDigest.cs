namespace EmbeddedRepl.Protocol;

/// <summary>What a node's data was worth at a point of the stream; two nodes that differ here have diverged.</summary>
/// <param name="Offset">The replication offset at which the digest was taken.</param>
/// <param name="Digest">The digest of all entries at exactly that offset.</param>
internal readonly record struct OffsetDigest(long Offset, UInt128 Digest)
{
    /// <summary>How many fields it has on the wire.</summary>
    public const int FieldCount = 2;
}
