namespace EmbeddedRepl;

/// <summary>Base of the errors that this cache raises about replication, as opposed to wrong arguments.</summary>
public class ReplicatedCacheException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public ReplicatedCacheException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public ReplicatedCacheException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public ReplicatedCacheException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
