namespace EmbeddedRepl;

/// <summary>A call that only a master can answer was made on a replica, or on a master that became a replica while the caller waited.</summary>
public sealed class NotMasterException : ReplicatedCacheException
{
    /// <summary>Creates the exception with the usual message.</summary>
    public NotMasterException()
        : base("Only a master can answer this call, and this node is a replica. Call it on its master.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public NotMasterException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public NotMasterException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
