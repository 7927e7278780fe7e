namespace EmbeddedRepl;

/// <summary>What every event of a replicated cache tells. Immutable.</summary>
public abstract class ReplicationEventArgs : EventArgs
{
    private protected ReplicationEventArgs()
    {
    }

    /// <summary>
    /// Counts the events of this cache, of all kinds, from 1 on. A gap means that events were left out, because handlers took longer than
    /// events came: see <see cref="IReplicatedCache"/>.
    /// </summary>
    public long SequenceNumber { get; internal init; }

    /// <summary>When it happened, by the clock of this node.</summary>
    public DateTimeOffset OccurredAt { get; internal init; }
}
