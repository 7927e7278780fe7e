using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication;

/// <summary>What became of a write that was not refused.</summary>
/// <param name="Status"><see cref="WriteStatus.Applied"/>, or <see cref="WriteStatus.Unchanged"/> if there was nothing to change, or <see cref="WriteStatus.Conflict"/>.</param>
/// <param name="Id">The history that the position belongs to.</param>
/// <param name="Offset">Who has that much of the history has the write: its end on the master, or where the master was if nothing changed. Of a single set it is the offset of the entry's version, too.</param>
internal readonly record struct WriteResult(WriteStatus Status, ReplicationId Id, long Offset)
{
    /// <summary>Whether the entry did not have the version that was expected.</summary>
    public bool IsConflict => Status == WriteStatus.Conflict;

    /// <summary>Who has this has the write.</summary>
    public StreamPosition Position => new(Id, Offset);
}
