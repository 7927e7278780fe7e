namespace EmbeddedRepl;

/// <summary>
/// A write that was made on a replica could not be sent to the master: the link is down, or went down before the write was sent, or too much was waiting. Nothing was
/// written. Try again when the link is up; <see cref="ReplicationInfo.LinkState"/> says whether it is.
/// </summary>
public sealed class MasterUnreachableException : ReplicatedCacheException
{
    /// <summary>Creates the exception with the usual message.</summary>
    public MasterUnreachableException()
        : base("The master cannot be reached from this replica. Nothing was written.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public MasterUnreachableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public MasterUnreachableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
