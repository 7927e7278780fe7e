using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Tests.Transport;

public sealed class TcpConnectorTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private readonly TcpConnector _connector = new();

    [Fact]
    public void Connect_NothingListens_IOExceptionSaysWhatWasTried()
    {
        using Socket reserved = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        HostEndPoint target = HostEndPoint.From(reserved.LocalEndPoint!);

        IOException exception = Assert.Throws<IOException>(() => _connector.Connect(target, Long));

        Assert.Equal($"Cannot connect to {target} ({target}: connection refused: nothing listens there).", exception.Message);
    }

    [Fact]
    public void Connect_UnknownName_IOExceptionNamesIt() =>
        Assert.Contains("no-such-name.invalid:6390", Assert.Throws<IOException>(() => _connector.Connect(HostEndPoint.Parse("no-such-name.invalid"), Long)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("*:6390")]
    [InlineData("0.0.0.0:6390")]
    [InlineData("[::]:6390")]
    [InlineData("127.0.0.1:0")]
    public void Connect_PlaceToListenOn_Refused(string target) =>
        Assert.Contains("no endpoint to connect to", Assert.Throws<IOException>(() => _connector.Connect(HostEndPoint.Parse(target), Long)).Message, StringComparison.Ordinal);

    [Fact]
    public void Connect_NameOfWhichOnlyOneAddressListens_GetsThrough()
    {
        // Wherever localhost has both addresses, the IPv6 one is usually tried first and refused.
        using TcpTransportListener listener = Assert.Single(TcpTransportListener.Open(HostEndPoint.Parse("127.0.0.1:0")));

        using IConnection connection = _connector.Connect(new HostEndPoint("localhost", ((IPEndPoint)listener.LocalEndPoint).Port), Long);

        Assert.Equal(listener.LocalEndPoint, new IPEndPoint(LoopbackPeer.Unmap(((IPEndPoint)connection.RemoteEndPoint!).Address), ((IPEndPoint)connection.RemoteEndPoint).Port));
    }

    [Fact]
    public void Connect_PeerSwallowsPackets_EndsWhenTimeIsOver()
    {
        using SilentPort silent = new();

        IOException exception = Assert.Throws<IOException>(() => _connector.Connect(silent.EndPoint, TimeSpan.FromMilliseconds(50)));

        Assert.Contains("no answer in time", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_CancelledWhileItWaits_OperationCanceled()
    {
        using SilentPort silent = new();
        using CancellationTokenSource cancellation = new();
        BackgroundCall call = new(() => _connector.Connect(silent.EndPoint, TimeSpan.FromMinutes(10), cancellation.Token));

        cancellation.Cancel();

        Assert.IsType<OperationCanceledException>(call.Join());
    }

    [Fact]
    public void Connect_CancelledBefore_OperationCanceled() =>
        Assert.Throws<OperationCanceledException>(() => _connector.Connect(HostEndPoint.Parse("127.0.0.1:1"), Long, new CancellationToken(canceled: true)));

    [Fact]
    public void IsConnectedToItself_SocketThatGotItsTargetAsOwnPort_True()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Connect(socket.LocalEndPoint!);

        Assert.True(TcpConnector.IsConnectedToItself(socket));
    }

    /// <summary>A port whose queue of pending connections is full and never emptied: further attempts get no answer, as with a dead machine.</summary>
    private sealed class SilentPort : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _pending = [];

        public SilentPort()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(1);
            for (int i = 0; i < 8; i++)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _pending.Add(socket);
                try
                {
                    socket.Connect(_listener.LocalEndPoint!);
                }
                catch (SocketException)
                {
                    // It goes on in the background.
                }

                // Each one enters the queue before the next one comes, as long as there is room.
                socket.Poll(TimeSpan.FromMilliseconds(20), SelectMode.SelectWrite);
            }
        }

        public HostEndPoint EndPoint => HostEndPoint.From(_listener.LocalEndPoint!);

        public void Dispose()
        {
            _pending.ForEach(socket => socket.Close(0));
            _listener.Dispose();
        }
    }
}
