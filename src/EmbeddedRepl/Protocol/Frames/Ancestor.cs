namespace EmbeddedRepl.Protocol;

/// <summary>A replication id that the data came from. Lists of ancestors have the newest first.</summary>
/// <param name="Id">The id.</param>
/// <param name="EndOffset">The replication offset, an exclusive end, up to which it is part of this history.</param>
/// <param name="EndedBy">Why another id followed.</param>
internal readonly record struct Ancestor(ReplicationId Id, long EndOffset, AncestorEnd EndedBy)
{
    /// <summary>How many fields it has on the wire.</summary>
    public const int FieldCount = 3;
}
