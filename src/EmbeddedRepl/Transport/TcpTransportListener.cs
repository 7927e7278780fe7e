using System.Net;
using System.Net.Sockets;

namespace EmbeddedRepl.Transport;

/// <summary>Accepts TCP connections at one address.</summary>
internal sealed class TcpTransportListener : IListener
{
    private const int PendingConnections = 512;

    private readonly Socket _socket;
    private volatile bool _isDisposed;

    private TcpTransportListener(Socket socket)
    {
        _socket = socket;
        LocalEndPoint = socket.LocalEndPoint!;
    }

    /// <inheritdoc/>
    public EndPoint LocalEndPoint { get; }

    /// <summary>
    /// Starts to listen. <c>*</c> and <c>[::]</c> take both IPv4 and IPv6, <c>0.0.0.0</c> IPv4 only; a name is listened on at every address that it
    /// resolves to (all of them, or it fails), which is why there can be several listeners; each needs an accepting thread.
    /// </summary>
    /// <param name="endPoint">Where; port 0 takes a free port, the same one for all addresses of a name.</param>
    /// <returns>At least one listener; the caller owns them.</returns>
    /// <exception cref="ListenFailedException">It is not possible; nothing is left open.</exception>
    public static IReadOnlyList<TcpTransportListener> Open(HostEndPoint endPoint)
    {
        List<TcpTransportListener> listeners = [];
        try
        {
            int port = endPoint.Port;
            foreach (IPAddress address in Addresses(endPoint))
            {
                TcpTransportListener listener = new(Bind(new IPEndPoint(address, port)));
                listeners.Add(listener);
                port = ((IPEndPoint)listener.LocalEndPoint).Port;
            }

            return listeners;
        }
        catch (SocketException exception)
        {
            listeners.ForEach(listener => listener.Dispose());
            throw new ListenFailedException(endPoint, SocketFailure.Describe(exception), exception);
        }
    }

    /// <inheritdoc/>
    public IConnection Accept()
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            try
            {
                return new TcpConnection(_socket.Accept());
            }
            catch (Exception) when (_isDisposed)
            {
                // The loop throws for it.
            }
            catch (SocketException exception) when (exception.SocketErrorCode is not SocketError.ConnectionAborted and not SocketError.ConnectionReset)
            {
                throw new IOException($"Accepting a connection on {LocalEndPoint} failed: {SocketFailure.Describe(exception)}.", exception);
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // That peer is gone again; the next one is waited for.
            }
        }
    }

    /// <summary>Frees the address; a thread that waits in <see cref="Accept"/> gets an <see cref="ObjectDisposedException"/>. Any thread, any number of times.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _socket.Dispose();
    }

    private static IPAddress[] Addresses(HostEndPoint endPoint)
    {
        if (endPoint.Host == HostEndPoint.AnyHost)
        {
            return [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any];
        }

        if (endPoint.TryGetAddress(out IPAddress? address))
        {
            return [address];
        }

        // A machine without IPv6 often has an IPv6 line for localhost in its hosts file all the same.
        IPAddress[] usable = [.. Dns.GetHostAddresses(endPoint.Host).Distinct().Where(IsUsable)];
        return usable.Length > 0 ? usable : throw new SocketException((int)SocketError.HostNotFound);
    }

    private static bool IsUsable(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => Socket.OSSupportsIPv4,
        AddressFamily.InterNetworkV6 => Socket.OSSupportsIPv6,
        _ => false,
    };

    private static Socket Bind(IPEndPoint endPoint)
    {
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = endPoint.Address.Equals(IPAddress.IPv6Any);
            }

            // SO_REUSEADDR, with which a restarted node gets its port back at once, is set by the runtime when it binds a TCP socket on Unix. Setting
            // SocketOptionName.ReuseAddress would set SO_REUSEPORT as well, and then two nodes could share a port without noticing.
            socket.Bind(endPoint);
            socket.Listen(PendingConnections);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
