namespace EmbeddedRepl;

/// <summary>The link of a replica to its master is up: the replica has synced, and from now on follows every change. Immutable.</summary>
public sealed class LinkUpEventArgs : ReplicationEventArgs
{
    internal LinkUpEventArgs()
    {
    }

    /// <summary>The master, as <c>host:port</c>.</summary>
    public string Master { get; internal init; } = "";

    /// <summary>The replication id that is followed.</summary>
    public ReplicationId ReplicationId { get; internal init; }

    /// <summary>The replication offset at which the link came up, in bytes.</summary>
    public long ReplicationOffset { get; internal init; }
}
