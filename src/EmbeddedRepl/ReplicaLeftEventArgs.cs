namespace EmbeddedRepl;

/// <summary>A replica that was attached is gone. Immutable.</summary>
public sealed class ReplicaLeftEventArgs : ReplicationEventArgs
{
    internal ReplicaLeftEventArgs()
    {
    }

    /// <summary>The replica, as in <see cref="ReplicaInfo.Address"/>.</summary>
    public string Replica { get; internal init; } = "";

    /// <summary>What it had acknowledged last, in bytes.</summary>
    public long AcknowledgedOffset { get; internal init; }

    /// <summary>Why, for a person.</summary>
    public string Reason { get; internal init; } = "";
}
