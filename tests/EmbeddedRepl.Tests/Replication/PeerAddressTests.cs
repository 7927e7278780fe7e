using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Tests.Replication;

public sealed class PeerAddressTests
{
    [Theory]
    [Trait("Behaviour", "F6")]
    [InlineData(null, 0, "10.0.0.9:50123")]
    [InlineData("cache-1.example.com", 7400, "cache-1.example.com:7400")]
    [InlineData("cache-1.example.com", 0, "cache-1.example.com:50123")]
    [InlineData(null, 7400, "10.0.0.9:7400")]
    [InlineData("::1", 7400, "[::1]:7400")]
    [InlineData("[2001:db8::1]", 7400, "[2001:db8::1]:7400")]
    [InlineData("forged\r\nrole:master", 7400, "10.0.0.9:7400")]
    [InlineData("10.0.0.1,port=1", 0, "10.0.0.9:50123")]
    [InlineData("fe80::1%1,state=online\r\nrole:master", 7400, "[fe80::1]:7400")]
    [InlineData("fe80::1%nobody", 7400, "[fe80::1]:7400")]
    [InlineData("*", 7400, "10.0.0.9:7400")]
    public void Announced_HostAndPort_TakeThePlaceOfWhatTheConnectionShows(string? host, int port, string expected) =>
        Assert.Equal(expected, PeerAddress.Announced("10.0.0.9:50123", host, port));

    [Fact]
    [Trait("Behaviour", "F6")]
    public void Announced_ByAPeerWithoutAnAddress_IsWhatItSaysOrNothing()
    {
        Assert.Equal("cache-1:7400", PeerAddress.Announced("unknown peer", "cache-1", 7400));
        Assert.Equal("unknown peer", PeerAddress.Announced("unknown peer", "two words", 7400));
    }
}
