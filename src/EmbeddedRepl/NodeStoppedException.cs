namespace EmbeddedRepl;

/// <summary>The node is stopping or has stopped, so it takes no more writes and no replica acknowledges anything to it any more.</summary>
public sealed class NodeStoppedException : ReplicatedCacheException
{
    /// <summary>Creates the exception with the usual message.</summary>
    public NodeStoppedException()
        : base("This node is stopping or was stopped. It can be read, but it takes no more writes; nothing was changed.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public NodeStoppedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public NodeStoppedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
