using EmbeddedRepl.TestKit;
using EmbeddedRepl.Tests.Transport;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Tests.TestKit;

public sealed class InMemoryNetworkTests
{
    private static readonly HostEndPoint EndPoint = HostEndPoint.Parse("master:1");
    private readonly InMemoryNetwork _network = new();

    [Fact]
    public void Connect_SomethingListens_BothEndsTalk()
    {
        using IListener listener = _network.Listen(EndPoint);
        using IConnection client = _network.Connect(EndPoint, TimeSpan.FromSeconds(1));
        using IConnection accepted = listener.Accept();

        client.Write("x"u8);

        Assert.Equal(1, accepted.Read(new byte[1]));
    }

    [Fact]
    public void Connect_NothingListensOrNoLonger_IOException()
    {
        Assert.Throws<IOException>(() => _network.Connect(EndPoint, TimeSpan.FromSeconds(1)));
        _network.Listen(EndPoint).Dispose();
        Assert.Throws<IOException>(() => _network.Connect(EndPoint, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Listen_Twice_ListenFailed()
    {
        using IListener listener = _network.Listen(EndPoint);

        Assert.Throws<ListenFailedException>(() => _network.Listen(EndPoint));
    }

    [Fact]
    public void Dispose_AcceptWaits_ObjectDisposedException()
    {
        IListener listener = _network.Listen(EndPoint);
        BackgroundCall accept = new(() => listener.Accept());

        listener.Dispose();

        Assert.IsType<ObjectDisposedException>(accept.Join());
    }
}
