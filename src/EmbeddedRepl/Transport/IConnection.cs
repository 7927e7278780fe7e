using System.Net;

namespace EmbeddedRepl.Transport;

/// <summary>
/// A duplex stream of bytes between two nodes. It is synchronous on purpose: asynchronous socket operations complete on the thread pool, and a
/// link has to work while the application blocks every thread of that pool. So each direction belongs to one dedicated thread.
/// </summary>
/// <remarks>
/// One thread may read while another one writes; two readers or two writers at a time are a bug of the caller. <see cref="Abort"/> may come
/// from any thread. The connection keeps no reference to a caller's buffer after a call returns. TLS is another implementation that
/// wraps one of these; nothing above this interface knows about sockets.
/// </remarks>
internal interface IConnection : IDisposable
{
    /// <summary>The other end, or null if it has no address; kept after the connection is closed.</summary>
    EndPoint? RemoteEndPoint { get; }

    /// <summary>This end, or null if it has no address; kept after the connection is closed.</summary>
    EndPoint? LocalEndPoint { get; }

    /// <summary>Whether the other end is on this machine, as <see cref="LoopbackPeer"/> decides it; protected mode asks for this.</summary>
    bool IsLoopbackPeer { get; }

    /// <summary>How the connection is called in log messages: the address of the other end.</summary>
    string Description { get; }

    /// <summary>
    /// Makes what has to be agreed before bytes can pass, such as a TLS handshake; nothing on a connection without one. Called once, before the first read or write, by the
    /// thread that owns the connection; waits for the other end, as long as that may take.
    /// </summary>
    /// <exception cref="IOException">It did not work, or the other end is refused; the message says why.</exception>
    void Open()
    {
    }

    /// <summary>Waits until bytes have arrived and copies them.</summary>
    /// <param name="destination">At least one byte; filled from its start.</param>
    /// <returns>How many bytes were copied; 0 once the other end has finished writing.</returns>
    /// <exception cref="IOException">The connection failed, or was closed or aborted here.</exception>
    int Read(Span<byte> destination);

    /// <summary>Hands all bytes to the network; waits while its buffers are full, as long as that may take.</summary>
    /// <param name="source">Any number of bytes; free for reuse when the call returns.</param>
    /// <exception cref="IOException">The connection failed, or was closed or aborted here; how much has arrived is unknown.</exception>
    void Write(ReadOnlySpan<byte> source);

    /// <summary>Whether a short <see cref="Write"/> would not have to wait now, as far as can be told. Called by the writing thread.</summary>
    bool TakesBytesNow { get; }

    /// <summary>
    /// Tells the other end that nothing more will be written; it reads what was written before and then 0. Called by the writing thread. To have
    /// a last frame arrive for sure, call this and read until 0: closing while unread bytes lie here makes TCP discard what is under way.
    /// </summary>
    /// <exception cref="IOException">The connection failed, or was closed or aborted here.</exception>
    void FinishWriting();

    /// <summary>
    /// Breaks the connection: a <see cref="Read"/> or <see cref="Write"/> that waits on another thread ends at once with an
    /// <see cref="IOException"/>, as does every later one. What was written and not yet delivered may be lost. Any thread, any number of times.
    /// </summary>
    void Abort();
}
