namespace EmbeddedRepl;

/// <summary>A node became a master, or a replica. Immutable.</summary>
public sealed class RoleChangedEventArgs : ReplicationEventArgs
{
    internal RoleChangedEventArgs()
    {
    }

    /// <summary>What the node is from now on.</summary>
    public ReplicationRole Role { get; internal init; }

    /// <summary>The replication id of the data that it serves at this moment: of a promoted node the new one.</summary>
    public ReplicationId ReplicationId { get; internal init; }

    /// <summary>The replication offset at which the role changed, in bytes.</summary>
    public long ReplicationOffset { get; internal init; }
}
