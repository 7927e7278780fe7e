using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class EndPointTextTests
{
    [Theory]
    [InlineData("10.0.0.5:7000", "10.0.0.5", 7000)]
    [InlineData("10.0.0.5", "10.0.0.5", 6390)]
    [InlineData("cache-0.cache.svc.cluster.local:7000", "cache-0.cache.svc.cluster.local", 7000)]
    [InlineData("my_service:7000", "my_service", 7000)]
    [InlineData("localhost", "localhost", 6390)]
    [InlineData("[::1]:7000", "::1", 7000)]
    [InlineData("[fe80::1]", "fe80::1", 6390)]
    [InlineData("*:7000", "*", 7000)]
    [InlineData(":7000", "*", 7000)]
    [InlineData("0.0.0.0:0", "0.0.0.0", 0)]
    public void Text_OfAnAddress_IsReadAndPrintedBack(string text, string host, int port)
    {
        Assert.True(EndPointText.TryParse(text, out EndPointText parsed, out string? problem));

        Assert.Null(problem);
        Assert.Equal((host, port), (parsed.Host, parsed.Port));
        Assert.True(EndPointText.TryParse(parsed.ToString(), out EndPointText again, out _));
        Assert.Equal(parsed, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("::1")]
    [InlineData("fe80::1:6390")]
    [InlineData("[::1")]
    [InlineData("[::1]6390")]
    [InlineData("[::1]:6390:1")]
    [InlineData("[host]:6390")]
    [InlineData("[]:6390")]
    [InlineData("host:")]
    [InlineData("host:-1")]
    [InlineData("host:+1")]
    [InlineData("host: 1")]
    [InlineData("host:65536")]
    [InlineData("host:99999999999")]
    [InlineData("a b:6390")]
    [InlineData("http://host:6390")]
    [InlineData("user@host:6390")]
    [InlineData("host,state=online:1")]
    [InlineData("host\r\n:1")]
    public void Text_OfNoAddress_IsRefusedWithASentence(string text)
    {
        Assert.False(EndPointText.TryParse(text, out _, out string? problem));

        Assert.StartsWith($"'{text}' is not an address; ", problem, StringComparison.Ordinal);
    }
}
