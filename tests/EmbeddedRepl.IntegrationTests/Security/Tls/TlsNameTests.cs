using EmbeddedRepl.IntegrationTests.Nodes;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>Which names and addresses in a certificate are those of the master.</summary>
public class TlsNameTests
{
    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("cache-0.internal", "Cache-0.INTERNAL", true)]
    [InlineData("cache_0", "cache_0", true)]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("::1", "[::1]", true)]
    [InlineData("2001:db8::7", "[2001:0DB8:0:0::7]", true)]
    [InlineData("::1", "127.0.0.1", false)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("*.zone.internal", "cache-0.zone.internal", true)]
    [InlineData("*.internal", "cache-0.internal", false)]
    [InlineData("*.internal", "cache-0.zone.internal", false)]
    [InlineData("*.internal", "internal", false)]
    [InlineData("*", "internal", false)]
    [InlineData("cache-0.internal", "cache-0.internal.example.com", false)]
    [InlineData("cache-0.internal", "ache-0.internal", false)]
    public void ServerName_ThatIsOrIsNotInTheCertificate_IsFollowedOrNot(string inCertificate, string serverName, bool isAccepted)
    {
        using var files = new TlsFiles();
        files.Write(files.Authority.Issue([inCertificate]), "master");
        using TestNode master = TestNode.Master(options => files.Listener(options, "master"));
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            options.Tls.ServerName = serverName;
        });

        if (isAccepted)
        {
            replica.WaitForStreaming();
        }
        else
        {
            replica.WaitFor(info => info.LinkDownReason?.Contains("and not for", StringComparison.Ordinal) == true, "it is refused");
            Assert.Equal(0, master.Info.SyncFull);
        }
    }
}
