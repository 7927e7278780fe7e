namespace EmbeddedRepl.Protocol;

/// <summary>
/// The peer sent bytes that this protocol does not allow. The message says what was expected and what came, never a key, a value or a password.
/// The connection that they came from is closed; nothing of the offending frame or record has been applied.
/// </summary>
internal sealed class ProtocolException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ProtocolException()
        : this("The peer broke the replication protocol.")
    {
    }

    /// <summary>Creates the exception for bytes that cannot be understood.</summary>
    /// <param name="message">What was expected and what came.</param>
    public ProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception for bytes that cannot be understood.</summary>
    /// <param name="message">What was expected and what came.</param>
    /// <param name="innerException">What caused it.</param>
    public ProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception with the code that the peer is told.</summary>
    /// <param name="code">Goes into the error frame.</param>
    /// <param name="message">What was expected and what came.</param>
    public ProtocolException(ErrorCode code, string message)
        : base(message)
    {
        Code = code;
    }

    /// <summary>What the peer is told in the error frame before the connection is closed.</summary>
    public ErrorCode Code { get; } = ErrorCode.MalformedFrame;
}
