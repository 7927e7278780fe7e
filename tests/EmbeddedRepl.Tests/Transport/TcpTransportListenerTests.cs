using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Tests.Transport;

public sealed class TcpTransportListenerTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private readonly TcpConnector _connector = new();

    /// <summary>Many containers have no IPv6, and no package could bring it; there, the rows for it do not exist.</summary>
    public static TheoryData<string, string> Addresses()
    {
        TheoryData<string, string> rows = new()
        {
            { "127.0.0.1:0", "127.0.0.1" },
            { "0.0.0.0:0", "127.0.0.1" },
            { "*:0", "127.0.0.1" },
            { "localhost:0", "127.0.0.1" },
        };
        if (HasIPv6Loopback())
        {
            rows.Add("[::1]:0", "::1");
            rows.Add("[::]:0", "::1");
            rows.Add("[::]:0", "127.0.0.1");
            rows.Add("*:0", "::1");
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void Open_Address_PeerGetsThroughAndIsLoopback(string listen, string connect)
    {
        IReadOnlyList<TcpTransportListener> listeners = TcpTransportListener.Open(HostEndPoint.Parse(listen));
        int port = ((IPEndPoint)listeners[0].LocalEndPoint).Port;
        Assert.All(listeners, listener => Assert.Equal(port, ((IPEndPoint)listener.LocalEndPoint).Port));
        TcpTransportListener chosen = listeners.FirstOrDefault(listener => ((IPEndPoint)listener.LocalEndPoint).Address.Equals(IPAddress.Parse(connect))) ?? listeners[0];

        using IConnection client = _connector.Connect(new HostEndPoint(connect, port), Timeout);
        using IConnection accepted = chosen.Accept();
        client.Write("x"u8);

        Assert.Equal(1, accepted.Read(new byte[1]));
        Assert.True(accepted.IsLoopbackPeer);
        Assert.Equal(HostEndPoint.From(client.LocalEndPoint!).ToString(), accepted.Description);
        foreach (TcpTransportListener listener in listeners)
        {
            listener.Dispose();
        }
    }

    [Fact]
    public void Open_PortTaken_ExceptionNamesEndPointAndReason()
    {
        using TcpTransportListener first = OpenOne("127.0.0.1:0");
        HostEndPoint taken = HostEndPoint.From(first.LocalEndPoint);

        ListenFailedException exception = Assert.Throws<ListenFailedException>(() => TcpTransportListener.Open(taken));

        Assert.Equal(taken.ToString(), exception.EndPoint);
        Assert.Equal($"Cannot listen on {taken}: the port is taken by another process.", exception.Message);
    }

    [Theory]
    [InlineData("192.0.2.1:0", "this machine does not have that address")]
    [InlineData("no-such-name.invalid:0", "the name")]
    public void Open_AddressThatIsNotHere_ExceptionSaysSo(string listen, string reason) =>
        Assert.Contains(reason, Assert.Throws<ListenFailedException>(() => TcpTransportListener.Open(HostEndPoint.Parse(listen))).Reason, StringComparison.Ordinal);

    [Fact]
    public void Open_AfterRestartWithConnectionsInTimeWait_SamePortAgain()
    {
        TcpTransportListener first = OpenOne("127.0.0.1:0");
        HostEndPoint endPoint = HostEndPoint.From(first.LocalEndPoint);
        using IConnection client = _connector.Connect(endPoint, Timeout);

        // The listening side closes first, so that its side of the connection stays behind in TIME_WAIT.
        IConnection accepted = first.Accept();
        accepted.Dispose();
        Assert.Equal(0, client.Read(new byte[1]));
        client.Dispose();
        first.Dispose();

        using TcpTransportListener second = OpenOne(endPoint.ToString());
        Assert.Equal(endPoint, HostEndPoint.From(second.LocalEndPoint));
    }

    [Fact]
    public void Dispose_AcceptWaits_ObjectDisposedException()
    {
        for (int i = 0; i < 50; i++)
        {
            TcpTransportListener listener = OpenOne("127.0.0.1:0");
            BackgroundCall accept = new(() => listener.Accept());
            Thread.SpinWait(i * 200);

            listener.Dispose();

            Assert.IsType<ObjectDisposedException>(accept.Join());
        }
    }

    [Fact]
    public void Accept_PeersThatResetAtOnce_TheNextHonestPeerGetsThrough()
    {
        using TcpTransportListener listener = OpenOne("127.0.0.1:0");
        for (int i = 0; i < 20; i++)
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(listener.LocalEndPoint);
            socket.Close(0);
        }

        using IConnection honest = _connector.Connect(HostEndPoint.From(listener.LocalEndPoint), Timeout);
        while (true)
        {
            using IConnection accepted = listener.Accept();
            if (accepted.RemoteEndPoint!.Equals(honest.LocalEndPoint))
            {
                break;
            }
        }
    }

    private static TcpTransportListener OpenOne(string endPoint) => Assert.Single(TcpTransportListener.Open(HostEndPoint.Parse(endPoint)));

    private static bool HasIPv6Loopback()
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
