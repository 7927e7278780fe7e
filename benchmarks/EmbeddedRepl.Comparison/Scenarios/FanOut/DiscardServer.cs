using System.Net;
using System.Net.Sockets;

namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>Takes connections, and reads and forgets what comes over each, in a thread of its own as a sink does.</summary>
internal sealed class DiscardServer : IDisposable
{
    private const int BufferSize = 256 << 10;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public DiscardServer()
    {
        _listener.Start(128);
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private static void Discard(Socket socket)
    {
        using (socket)
        {
            byte[] buffer = new byte[BufferSize];
            try
            {
                while (socket.Receive(buffer) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // The other end was closed with something unread.
            }
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.AcceptSocket();
                new Thread(() => Discard(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It was closed.
        }
    }
}
