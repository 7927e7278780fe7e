using System.Net;

namespace EmbeddedRepl.Transport;

/// <summary>Accepts connections at one address. It listens from its construction on, so that a port that is taken is known before a node starts.</summary>
internal interface IListener : IDisposable
{
    /// <summary>Where it listens; with the real port if a free one was asked for.</summary>
    EndPoint LocalEndPoint { get; }

    /// <summary>Waits for the next connection. One thread at a time.</summary>
    /// <returns>An open connection that the caller owns.</returns>
    /// <exception cref="ObjectDisposedException">The listener was disposed, possibly during the call and from another thread: the loop ends.</exception>
    /// <exception cref="IOException">
    /// This call failed, typically because the process has no file descriptors left. The listener is intact; the caller waits a moment before it
    /// calls again, or it would spin.
    /// </exception>
    IConnection Accept();
}
