namespace EmbeddedRepl;

/// <summary>
/// A write was refused because this master was started and has not yet taken from its replicas what it lacks, or cannot without a decision of an
/// operator; the message says which. Nothing was changed anywhere.
/// </summary>
public sealed class RecoveringMasterException : ReplicatedCacheException
{
    /// <summary>Creates the exception with the usual message.</summary>
    public RecoveringMasterException()
        : base("This master was started and takes what it lacks from its replicas. It accepts writes when that is done.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public RecoveringMasterException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public RecoveringMasterException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
