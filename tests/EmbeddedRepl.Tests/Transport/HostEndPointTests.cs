using System.Net;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Tests.Transport;

public sealed class HostEndPointTests
{
    [Theory]
    [InlineData("10.0.0.5:6391", "10.0.0.5", 6391)]
    [InlineData("10.0.0.5", "10.0.0.5", 6390)]
    [InlineData("Node-1.Example.ORG:1", "node-1.example.org", 1)]
    [InlineData("my_service", "my_service", 6390)]
    [InlineData("localhost", "localhost", 6390)]
    [InlineData(":6391", "*", 6391)]
    [InlineData("*:6391", "*", 6391)]
    [InlineData("*", "*", 6390)]
    [InlineData("[::1]:6391", "::1", 6391)]
    [InlineData("[::1]", "::1", 6390)]
    [InlineData("[0:0:0:0:0:0:0:1]:6391", "::1", 6391)]
    [InlineData("[::]:65535", "::", 65535)]
    [InlineData("  a:0  ", "a", 0)]
    public void TryParse_ValidText_HostAndPort(string text, string host, int port)
    {
        Assert.True(HostEndPoint.TryParse(text, out HostEndPoint endPoint, out _));

        Assert.Equal(host, endPoint.Host);
        Assert.Equal(port, endPoint.Port);
        Assert.Equal(endPoint, HostEndPoint.Parse(endPoint.ToString()));
    }

    [Theory]
    [InlineData(null, "missing")]
    [InlineData("", "missing")]
    [InlineData("  ", "missing")]
    [InlineData("a:", "port")]
    [InlineData("a:b", "port")]
    [InlineData("a:-1", "port")]
    [InlineData("a:+1", "port")]
    [InlineData("a: 1", "port")]
    [InlineData("a:65536", "port")]
    [InlineData("a:99999999999", "port")]
    [InlineData("::1", "brackets")]
    [InlineData("a:1:2", "brackets")]
    [InlineData("[::1", "[address]:port")]
    [InlineData("[::1]6390", "[address]:port")]
    [InlineData("[]:1", "no host name")]
    [InlineData("[localhost]:1", "no IPv6 address")]
    [InlineData("[127.0.0.1]:1", "no IPv6 address")]
    [InlineData("6390", "written as :6390")]
    [InlineData("10.0.0.256", "no IPv4 address")]
    [InlineData("10.0.1:1", "no IPv4 address")]
    [InlineData("010.0.0.1:1", "no IPv4 address")]
    [InlineData("a b:1", "no host name")]
    [InlineData("a..b:1", "no host name")]
    [InlineData("-a:1", "no host name")]
    [InlineData("http://a", "port")]
    public void TryParse_InvalidText_ReasonSaysWhy(string? text, string expected)
    {
        Assert.False(HostEndPoint.TryParse(text, out _, out string? reason));

        Assert.Contains(expected, reason, StringComparison.Ordinal);
        Assert.EndsWith(".", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_InvalidText_FormatExceptionWithTheReason() =>
        Assert.Contains("65536", Assert.Throws<FormatException>(() => HostEndPoint.Parse("a:65536")).Message, StringComparison.Ordinal);

    [Fact]
    public void Constructor_InvalidParts_Refused()
    {
        Assert.Throws<ArgumentException>(() => new HostEndPoint("a b", 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HostEndPoint("a", -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HostEndPoint("a", 65536));
    }

    [Theory]
    [InlineData("[::1]:6391", "[::1]:6391")]
    [InlineData(":6391", "*:6391")]
    [InlineData("LOCALHOST", "localhost:6390")]
    public void ToString_Parsed_OneForm(string text, string expected) => Assert.Equal(expected, HostEndPoint.Parse(text).ToString());

    [Fact]
    public void Default_NeverAssigned_PrintsLikeAnyHost() => Assert.Equal("*:0", default(HostEndPoint).ToString());

    [Fact]
    public void From_MappedAddress_IPv4() =>
        Assert.Equal("10.1.2.3:7", HostEndPoint.From(new IPEndPoint(IPAddress.Parse("10.1.2.3").MapToIPv6(), 7)).ToString());

    [Theory]
    [InlineData("*", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("[::]", true)]
    [InlineData("127.0.0.1", false)]
    public void IsAnyHost_Host_AsWritten(string text, bool expected) => Assert.Equal(expected, HostEndPoint.Parse(text).IsAnyHost);

    [Theory]
    [InlineData("master:1", null)]
    [InlineData("master:0", "port")]
    [InlineData("*:1", "listened on")]
    [InlineData("0.0.0.0:1", "listened on")]
    [InlineData("[::]:1", "listened on")]
    public void ProblemAsTarget_EndPoint_NullOnlyIfItCanBeConnectedTo(string text, string? expected)
    {
        string? problem = HostEndPoint.Parse(text).ProblemAsTarget();

        Assert.Equal(expected is null, problem is null);
        Assert.Contains(expected ?? "", problem ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node:1", "node:1", true)]
    [InlineData("NODE:1", "node:1", true)]
    [InlineData("node:1", "node:2", false)]
    [InlineData("node:1", "other:1", false)]
    [InlineData("localhost:1", "127.0.0.1:1", true)]
    [InlineData("127.0.0.1:1", "[::1]:1", true)]
    [InlineData("[::1]:1", "*:1", true)]
    [InlineData("127.0.0.1:1", "0.0.0.0:1", true)]
    [InlineData("127.0.0.1:1", "10.0.0.1:1", false)]
    [InlineData("10.0.0.1:1", "*:1", false)]
    public void Reaches_Listener_OnlyWhatIsCertain(string target, string listener, bool expected) =>
        Assert.Equal(expected, HostEndPoint.Parse(target).Reaches(HostEndPoint.Parse(listener)));
}
