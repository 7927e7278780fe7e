using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>Peers that stop in the middle of TLS: every wait for them ends, and nothing is left of them.</summary>
public class TlsFrozenPeerTests
{
    [Fact]
    [Trait("Behaviour", "F7")]
    public void Replica_WhoseMasterAcceptsAndNeverSpeaks_GivesUpAndTriesAgainAndStopsAtOnce()
    {
        using var files = new TlsFiles();
        List<IConnection> accepted = [];
        using var silent = new TestListener(accepted.Add);
        using TestNode replica = TestNode.Replica(silent.EndPoint.ToString(), options =>
        {
            files.Link(options);
            options.HandshakeTimeout = TimeSpan.FromMilliseconds(200);
            options.ReconnectDelay = TimeSpan.FromMilliseconds(20);
        });

        replica.WaitFor(info => info.LinkFailures > 2, "it tries again");
        replica.Dispose();
        accepted.ForEach(connection => connection.Dispose());
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Master_WhoseReplicaStopsReadingInTheFullSync_ClosesTheLinkAndWithAnotherStopsInTime()
    {
        using var files = new TlsFiles();
        using TestNode master = TestNode.Master(options =>
        {
            files.Listener(options);
            (options.HeartbeatInterval, options.LinkTimeout) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));
            (options.AckInterval, options.ShutdownTimeout) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));
        });
        byte[] large = new byte[1 << 20];
        for (int i = 0; i < 40; i++)
        {
            master.Set($"key {i}", large);
        }

        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 3);
        proxy.ToClient.BytesPerSecond = 1 << 20;
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString(), files.Link);
        master.WaitFor(info => info.SyncFull == 1, "the full sync has begun");

        proxy.Stall(true);
        master.WaitUntil(() => master.Node.Runtime.OpenSessions == 0, () => "the link is given up although its write never ends");

        // The same once more, and the node stops in the middle of it.
        proxy.Stall(false);
        master.WaitFor(info => info.SyncFull == 2, "the next full sync has begun");
        proxy.Stall(true);
        master.Node.Stop(TimeSpan.Zero);
        master.Dispose();
        master.WaitUntil(() => master.Node.Runtime.OpenSessions == 0, () => "nothing is left");
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Certificate_SelectedInCodeAndDisposedOf_FailsHandshakesAndNothingElse()
    {
        using var files = new TlsFiles();
        X509Certificate2 certificate = files.Authority.Issue(["localhost", "127.0.0.1"]);
        using TestNode master = TestNode.Master(options =>
        {
            options.Tls.Listener = true;
            options.Tls.Certificate.UseSelector(() => certificate);
        });
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, files.Link).WaitForStreaming();
        DateTimeOffset notAfter = master.Info.CertificateNotAfter!.Value;

        certificate.Dispose();

        Assert.Equal(notAfter, master.Info.CertificateNotAfter);
        Assert.ThrowsAny<Exception>(() => TlsFiles.Connect(master.EndPoint).Dispose());
        master.Set("k", [2]);
        replica.WaitUntilEqualTo(master);
        Assert.Equal(0, replica.Info.LinkFailures);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Replica_WithADeepChainOfSmallCertificates_LeavesTheMasterAsItWas()
    {
        // On a thread with a small stack: what builds the chain must not recurse by certificate.
        using var files = new TlsFiles();
        using TestNode master = TestNode.Master(options =>
        {
            files.Listener(options);
            files.DemandClientCertificate(options);
        });
        master.Set("k", [1]);
        X509Certificate2Collection chain = [];
        TestAuthority issuer = files.Authority;
        for (int i = 0; i < 95; i++)
        {
            issuer = issuer.Intermediate($"I{i}");
            chain.Add(issuer.Certificate);
        }

        using X509Certificate2 own = issuer.Issue(["replica"]);
        Record.Exception(() =>
        {
            using var stream = TlsFiles.Connect(
                master.EndPoint, options => options.ClientCertificateContext = System.Net.Security.SslStreamCertificateContext.Create(own, chain, offline: true));
            while (stream.ReadByte() >= 0)
            {
            }
        });

        master.WaitUntil(() => master.Node.Runtime.OpenSessions == 0, () => "it is gone");
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            files.Certificate(options);
        });
        replica.WaitForStreaming().WaitUntilEqualTo(master);
    }
}
