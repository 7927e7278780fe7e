using System.Net;
using System.Net.Sockets;

namespace EmbeddedRepl.Transport;

/// <summary>
/// A connection over TCP. The socket stays in blocking mode for all of its life: on Unix the first asynchronous or non-blocking call switches it
/// for good, and every later wait would take a detour over the runtime's event loop.
/// </summary>
internal sealed class TcpConnection : IConnection
{
    // The heartbeat of a link finds a dead peer long before these; they are there for connections that never got as far as a heartbeat.
    private const int KeepAliveTimeSeconds = 30;
    private const int KeepAliveIntervalSeconds = 10;
    private const int KeepAliveRetryCount = 3;

    private readonly Socket _socket;
    private int _isAborted;

    /// <summary>Takes over a socket that is connected and in blocking mode.</summary>
    /// <param name="socket">Owned by this object from now on, also if the constructor throws.</param>
    /// <exception cref="IOException">The other end is gone already.</exception>
    public TcpConnection(Socket socket)
    {
        _socket = socket;
        try
        {
            RemoteEndPoint = socket.RemoteEndPoint;
            LocalEndPoint = socket.LocalEndPoint;
            IsLoopbackPeer = LoopbackPeer.IsLoopback(RemoteEndPoint);
            Description = RemoteEndPoint is null ? "unknown peer" : HostEndPoint.From(RemoteEndPoint).ToString();
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveTimeSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetryCount);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            throw new IOException($"The connection ended before it was used: {SocketFailure.Describe(exception)}.", exception);
        }
    }

    /// <inheritdoc/>
    public EndPoint? RemoteEndPoint { get; }

    /// <inheritdoc/>
    public EndPoint? LocalEndPoint { get; }

    /// <inheritdoc/>
    public bool IsLoopbackPeer { get; }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public bool TakesBytesNow
    {
        get
        {
            try
            {
                return _socket.Poll(0, SelectMode.SelectWrite);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // A write fails at once, and says why.
                return true;
            }
        }
    }

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        // A read of no bytes would return 0, which means the end of the stream to every caller.
        ArgumentOutOfRangeException.ThrowIfZero(destination.Length, nameof(destination));
        try
        {
            int count = _socket.Receive(destination);
            return count > 0 || !IsAborted ? count : throw new IOException($"The connection to {Description} was aborted here.");
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw Failure("Reading from", exception);
        }
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> source)
    {
        try
        {
            while (source.Length > 0)
            {
                source = source[_socket.Send(source)..];
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw Failure("Writing to", exception);
        }
    }

    /// <inheritdoc/>
    public void FinishWriting()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw Failure("Writing to", exception);
        }
    }

    /// <inheritdoc/>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) == 0)
        {
            // A close time-out of 0 makes the close abortive, and the runtime then wakes the calls that wait in this socket on other threads.
            _socket.Close(timeout: 0);
        }
    }

    /// <summary>Closes in an orderly way: what was written is delivered, unless unread bytes lie here. A waiting call ends with an <see cref="IOException"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) == 0)
        {
            _socket.Dispose();
        }
    }

    private bool IsAborted => Volatile.Read(ref _isAborted) != 0;

    private IOException Failure(string what, Exception exception) => IsAborted
        ? new IOException($"{what} {Description} failed: the connection was closed here.", exception)
        : new IOException($"{what} {Description} failed: {SocketFailure.Describe(exception)}.", exception);
}
