namespace EmbeddedRepl;

/// <summary>A node was not promoted, because it is not in the state that <see cref="PromotionOptions"/> demanded. Nothing was changed.</summary>
public sealed class PromotionRefusedException : ReplicatedCacheException
{
    /// <summary>Creates the exception without a message.</summary>
    public PromotionRefusedException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public PromotionRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public PromotionRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="replicationId">The node's replication id when it was asked.</param>
    /// <param name="replicationOffset">The node's replication offset when it was asked.</param>
    public PromotionRefusedException(string message, ReplicationId replicationId, long replicationOffset)
        : base(message)
    {
        ReplicationId = replicationId;
        ReplicationOffset = replicationOffset;
    }

    /// <summary>The node's replication id when it was asked.</summary>
    public ReplicationId ReplicationId { get; }

    /// <summary>The node's replication offset when it was asked, in bytes.</summary>
    public long ReplicationOffset { get; }
}
