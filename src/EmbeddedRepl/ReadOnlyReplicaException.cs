namespace EmbeddedRepl;

/// <summary>A write was refused because this node is a replica. Nothing was changed anywhere.</summary>
public sealed class ReadOnlyReplicaException : ReplicatedCacheException
{
    /// <summary>Creates the exception with the usual message.</summary>
    public ReadOnlyReplicaException()
        : base("This node is a read-only replica. Write on its master, or promote this node.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public ReadOnlyReplicaException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public ReadOnlyReplicaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
