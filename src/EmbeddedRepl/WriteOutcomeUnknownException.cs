namespace EmbeddedRepl;

/// <summary>
/// A write that was made on a replica was sent to the master, and this replica does not know, or cannot show, what became of it: the link broke before the answer
/// came, or the time was over. It may have been applied or not; it is never sent a second time. Read the entry to find out, or write again if that does no harm.
/// </summary>
public sealed class WriteOutcomeUnknownException : ReplicatedCacheException
{
    /// <summary>Creates the exception with the usual message.</summary>
    public WriteOutcomeUnknownException()
        : base("The write was sent to the master and no answer came. It may have been applied or not.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public WriteOutcomeUnknownException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public WriteOutcomeUnknownException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal WriteOutcomeUnknownException(string message, bool wasApplied)
        : base(message) => WasApplied = wasApplied;

    /// <summary>
    /// Whether the master has said that it applied the write: then only this replica does not have it yet, or gave up the data that had it. False if nothing is known.
    /// </summary>
    public bool WasApplied { get; }
}
