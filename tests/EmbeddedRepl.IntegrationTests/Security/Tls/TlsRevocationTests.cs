using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.IntegrationTests.Nodes;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>Certificates that are looked up in a list of revoked ones.</summary>
public class TlsRevocationTests
{
    private const string NoAddress = "cannot be told whether it is revoked, because it, or an issuer of it, names no address of a revocation list. Issue it with one, or set Tls:RevocationMode to NoCheck";
    private const string NotReached = "cannot be told whether it is revoked. Let this node reach the revocation list, or set Tls:RevocationMode to NoCheck";

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData(X509RevocationMode.Online)]
    [InlineData(X509RevocationMode.Offline)]
    public void Master_WhoseCertificateNamesNoRevocationList_IsRefusedAndBothSayWhatToSet(X509RevocationMode mode)
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(options => files.Listener(options), log);
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            options.Tls.RevocationMode = mode;
        });

        replica.WaitFor(info => info.LinkDownReason?.Contains(NoAddress, StringComparison.Ordinal) == true, "the replica says it");
        master.WaitUntil(() => log.Contains("Warning 1111", NoAddress), () => log.Text);
        Assert.Equal(0, master.Info.SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Replica_WhoseCertificateNamesNoRevocationList_IsRefusedAndToldWhatToSet()
    {
        using var files = new TlsFiles();
        using TestNode master = TestNode.Master(options =>
        {
            files.Listener(options);
            files.DemandClientCertificate(options);
            options.Tls.RevocationMode = X509RevocationMode.Online;
        });
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            files.Certificate(options);
        });

        replica.WaitFor(info => info.LinkDownReason?.Contains(NoAddress, StringComparison.Ordinal) == true, "the replica is told");
        Assert.Equal(0, master.Info.SyncFull);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("not on the list", null)]
    [InlineData("on the list", "is refused: it is revoked")]
    [InlineData("on a list that never arrives", NotReached)]
    public void Master_WhoseCertificateIsLookedUp_IsFollowedOnlyIfItIsNotRevoked(string kind, string? reason)
    {
        using var files = new TlsFiles();
        using var list = new RevocationList();
        X509Certificate2 certificate = files.Write(files.Authority.Issue(["localhost", "127.0.0.1"], configure: list.NameIn), "master");
        if (kind == "on a list that never arrives")
        {
            list.Hang();
        }

        list.Publish(files.Authority, kind == "not on the list" ? [] : [certificate]);
        using TestNode master = TestNode.Master(options => files.Listener(options, "master"));
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            options.Tls.RevocationMode = X509RevocationMode.Online;
        });

        if (reason is null)
        {
            replica.WaitForStreaming().WaitUntilIdenticalTo(master);
        }
        else
        {
            replica.WaitFor(info => info.LinkDownReason?.Contains(reason, StringComparison.Ordinal) == true, reason);
            Assert.Equal(0, master.Info.SyncFull);
        }

        Assert.NotEqual(0, list.Requests);
    }
}
