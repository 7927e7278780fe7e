namespace EmbeddedRepl.Transport.Tls;

/// <summary>
/// A connection is not used, because its TLS handshake was refused here. Where it is possible, last words may still be written to it, so that
/// the other end learns the reason; nothing else must be.
/// </summary>
internal sealed class TlsRefusedException : IOException
{
    /// <param name="refusal">Of which kind.</param>
    /// <param name="message">Why, and what to set where, as sentences.</param>
    /// <param name="innerException">What the runtime said, or null.</param>
    public TlsRefusedException(TlsRefusal refusal, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Refusal = refusal;
    }

    /// <summary>Of which kind.</summary>
    public TlsRefusal Refusal { get; }
}
