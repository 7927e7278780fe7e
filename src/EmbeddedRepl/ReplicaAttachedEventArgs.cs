namespace EmbeddedRepl;

/// <summary>A replica of this node has synced and follows every change from now on. Immutable.</summary>
public sealed class ReplicaAttachedEventArgs : ReplicationEventArgs
{
    internal ReplicaAttachedEventArgs()
    {
    }

    /// <summary>The replica, as in <see cref="ReplicaInfo.Address"/>.</summary>
    public string Replica { get; internal init; } = "";

    /// <summary>The replication offset from which it follows, in bytes.</summary>
    public long ReplicationOffset { get; internal init; }
}
