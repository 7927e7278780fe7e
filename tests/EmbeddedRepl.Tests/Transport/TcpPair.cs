using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Tests.Transport;

/// <summary>Two real connected sockets on loopback, and the raw socket of one end so that a test can look at its buffers.</summary>
internal sealed class TcpPair : IDisposable
{
    public TcpPair()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        NearSocket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        NearSocket.Connect(listener.LocalEndPoint!);
        Far = new TcpConnection(listener.Accept());
        Near = new TcpConnection(NearSocket);
    }

    public Socket NearSocket { get; }

    public TcpConnection Near { get; }

    public TcpConnection Far { get; }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }
}
