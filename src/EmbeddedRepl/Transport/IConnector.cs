namespace EmbeddedRepl.Transport;

/// <summary>Opens connections to other nodes. Thread-safe.</summary>
internal interface IConnector
{
    /// <summary>Opens a connection; waits on the calling thread.</summary>
    /// <param name="target">Where to; a name is resolved anew by every call, because addresses of nodes change when they are reborn.</param>
    /// <param name="timeout">How long all of it may take, resolving included; more than zero.</param>
    /// <param name="cancellationToken">Ends the attempt from another thread.</param>
    /// <returns>An open connection that the caller owns.</returns>
    /// <exception cref="IOException">It did not work; the message says what was tried and why it failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; no connection is left behind.</exception>
    IConnection Connect(HostEndPoint target, TimeSpan timeout, CancellationToken cancellationToken = default);
}
