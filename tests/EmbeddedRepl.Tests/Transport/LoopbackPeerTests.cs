using System.Net;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Tests.Transport;

public sealed class LoopbackPeerTests
{
    [Theory]
    [Trait("Behaviour", "F4")]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("::ffff:127.8.9.10", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("::", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::127.0.0.1", false)]
    public void IsLoopback_Address_OnlyThisMachine(string address, bool expected) =>
        Assert.Equal(expected, LoopbackPeer.IsLoopback(new IPEndPoint(IPAddress.Parse(address), 1)));

    [Fact]
    public void IsLoopback_NoIPAddress_Foreign()
    {
        Assert.False(LoopbackPeer.IsLoopback(null));
        Assert.False(LoopbackPeer.IsLoopback(new DnsEndPoint("localhost", 1)));
    }
}
