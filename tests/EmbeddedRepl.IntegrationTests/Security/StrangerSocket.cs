using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Security;

/// <summary>A plain socket to a node, by which a test sends whatever it likes.</summary>
internal static class StrangerSocket
{
    public static Socket Connect(string endPoint)
    {
        HostEndPoint target = HostEndPoint.Parse(endPoint);
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Parse(target.Host), target.Port);
        return socket;
    }

    /// <summary>Whether the node has ended the connection. What it says before that is read and thrown away.</summary>
    public static bool IsOver(Socket socket)
    {
        try
        {
            Span<byte> ignored = stackalloc byte[1024];
            while (socket.Poll(0, SelectMode.SelectRead))
            {
                if (socket.Receive(ignored) == 0)
                {
                    return true;
                }
            }

            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
