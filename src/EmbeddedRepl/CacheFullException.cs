namespace EmbeddedRepl;

/// <summary>
/// A write was refused for lack of memory: it is too large for <see cref="ReplicatedCacheOptions.MemoryLimit"/> even if everything else were evicted, or the process has no
/// memory left. Nothing was written; what had been evicted to make room stays evicted.
/// </summary>
public class CacheFullException : ReplicatedCacheException
{
    /// <summary>Creates the exception.</summary>
    public CacheFullException()
        : base("There is no memory for this entry. Nothing was written.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public CacheFullException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public CacheFullException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
