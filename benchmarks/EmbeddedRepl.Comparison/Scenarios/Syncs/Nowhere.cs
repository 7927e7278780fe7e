using System.Net;
using System.Net.Sockets;

namespace EmbeddedRepl.Comparison.Scenarios.Syncs;

/// <summary>An address that is taken, and where nobody listens: whoever connects is refused at once.</summary>
internal sealed class Nowhere : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public Nowhere() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public string Address => $"127.0.0.1:{Port}";

    public void Dispose() => _socket.Dispose();
}
