namespace EmbeddedRepl.Transport;

/// <summary>A node cannot listen where it was told to. Hosting adds the configuration key that the address came from.</summary>
internal sealed class ListenFailedException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="endPoint">The address as configured.</param>
    /// <param name="reason">Why it failed, as the end of a sentence, without a full stop.</param>
    /// <param name="innerException">What the operating system said, or null.</param>
    public ListenFailedException(HostEndPoint endPoint, string reason, Exception? innerException = null)
        : base($"Cannot listen on {endPoint}: {reason}.", innerException)
    {
        EndPoint = endPoint.ToString();
        Reason = reason;
    }

    /// <summary>The address as configured, in the form <c>host:port</c>.</summary>
    public string EndPoint { get; }

    /// <summary>Why it failed, as the end of a sentence, without a full stop.</summary>
    public string Reason { get; }
}
