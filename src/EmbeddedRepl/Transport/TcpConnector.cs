using System.Net;
using System.Net.Sockets;

namespace EmbeddedRepl.Transport;

/// <summary>
/// Opens TCP connections. Resolving a name and connecting are blocking calls without a time-out of their own, so each runs on a thread that is
/// given up when its time is over: closing a socket wakes the thread that connects it; a name server that never answers keeps one thread for as
/// long as the operating system's resolver waits, typically some seconds.
/// </summary>
/// <param name="resolve">Gives the addresses of a name, in the order in which they are tried; null asks the operating system.</param>
internal sealed class TcpConnector(Func<string, IPAddress[]>? resolve = null) : IConnector
{
    // Enough for every sane name; a name with hundreds of addresses must not make one attempt out of hundreds.
    private const int MaxAddresses = 8;

    // Sockets and resolvers wait in real time, whatever clock the cache itself is given.
    private static readonly TimeProvider Time = TimeProvider.System;

    private readonly Func<string, IPAddress[]> _resolve = resolve ?? Dns.GetHostAddresses;

    /// <inheritdoc/>
    public IConnection Connect(HostEndPoint target, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        if (target.ProblemAsTarget() is { } problem)
        {
            throw new IOException(problem);
        }

        long start = Time.GetTimestamp();
        IPAddress[] addresses = Resolve(target, timeout, cancellationToken);
        List<string> failures = [];
        for (int i = 0; i < addresses.Length; i++)
        {
            // An address that swallows packets must not use up the time of those behind it.
            TimeSpan slice = (timeout - Time.GetElapsedTime(start)) / (addresses.Length - i);
            IPEndPoint endPoint = new(addresses[i], target.Port);
            if (slice <= TimeSpan.Zero)
            {
                failures.Add($"{endPoint}: no time left");
                continue;
            }

            try
            {
                return Open(endPoint, slice, cancellationToken);
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                failures.Add($"{endPoint}: {SocketFailure.Describe(exception)}");
            }
        }

        throw new IOException($"Cannot connect to {target} ({string.Join("; ", failures)}).");
    }

    private IPAddress[] Resolve(HostEndPoint target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (target.TryGetAddress(out IPAddress? address))
        {
            return [address];
        }

        try
        {
            IPAddress[] addresses = AbandonableCall.Run("resolve", () => _resolve(target.Host), static () => { }, timeout, cancellationToken);
            return addresses.Length > 0 ? addresses[..Math.Min(addresses.Length, MaxAddresses)] : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (SocketException exception)
        {
            throw new IOException($"Cannot connect to {target}: {SocketFailure.Describe(exception)}.", exception);
        }
    }

    private static TcpConnection Open(IPEndPoint endPoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Socket connected = AbandonableCall.Run("connect", () => Connect(socket, endPoint), socket.Dispose, timeout, cancellationToken);
            return new TcpConnection(connected);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket Connect(Socket socket, IPEndPoint endPoint)
    {
        socket.Connect(endPoint);
        return IsConnectedToItself(socket) ? throw new SocketException((int)SocketError.ConnectionRefused) : socket;
    }

    /// <summary>
    /// Whether the socket talks to itself. TCP allows that when the port to connect to happens to be chosen as the local port too; it occurs when a
    /// node keeps trying a port of this machine on which nothing listens yet.
    /// </summary>
    internal static bool IsConnectedToItself(Socket socket) => Equals(socket.LocalEndPoint, socket.RemoteEndPoint);
}
