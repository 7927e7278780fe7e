using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>Certificates that are wrong, and TLS on one side only: refused, and both ends say why.</summary>
public class TlsRefusalTests
{
    private const string Code = "CertificateRefused";

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("expired", "and not now. Renew it")]
    [InlineData("unknown", "does not descend from a certificate that this node trusts. Set Tls:TrustedCertificatesPath")]
    [InlineData("self-signed", "does not descend from a certificate that this node trusts")]
    [InlineData("wrong name", "it is for 'cache.example.com', 'other.example.com' and not for '127.0.0.1'. Set Tls:ServerName")]
    [InlineData("client only", "a master's needs serverAuth")]
    [InlineData("no chain", "let the other end send the certificates in between")]
    [InlineData("issued by a node", "it is not valid (InvalidBasicConstraints")]
    [InlineData("issuer expired", "its issuer 'CN=Old Intermediate' is valid from")]
    public void Replica_CertificateOfTheMasterIsWrong_RefusesItAndBothSayWhy(string kind, string reason)
    {
        using var files = new TlsFiles();
        WriteWrong(kind, files, "master");
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(options => files.Listener(options, "master"), log);
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options => files.Link(options));

        replica.WaitFor(info => info.LinkDownReason?.Contains(reason, StringComparison.Ordinal) == true, reason);
        master.WaitUntil(() => log.Contains("Warning 1111", Code, reason), () => log.Text);
        master.WaitFor(info => info.LastHandshakeRefusal?.Contains(reason, StringComparison.Ordinal) == true, "the master's information has it, too");
        Assert.Equal((0, 0), (master.Info.SyncFull, replica.Info.EntryCount));
        Assert.Empty(master.Info.Replicas);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("none", "The replica showed no certificate, and Tls:ClientCertificateMode demands one here. Set Tls:Certificate on the replica")]
    [InlineData("expired", "and not now. Renew it")]
    [InlineData("unknown", "does not descend from a certificate that this node trusts")]
    [InlineData("server only", "a replica's clientAuth")]
    public void Master_CertificateOfTheReplicaIsWrong_RefusesItAndBothSayWhy(string kind, string reason)
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(
            options =>
            {
                files.Listener(options);
                files.DemandClientCertificate(options);
            },
            log);
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            if (kind != "none")
            {
                files.Write(Wrong(kind, files), "replica");
                files.Certificate(options, "replica");
            }
        });

        replica.WaitFor(info => info.LinkDownReason?.Contains(reason, StringComparison.Ordinal) == true, reason);
        master.WaitUntil(() => log.Contains("Warning 1111", Code, reason), () => log.Text);
        Assert.Equal((0, 0), (master.Info.SyncFull, replica.Info.EntryCount));
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData(ClientCertificateMode.NoCertificate, "unknown", true)]
    [InlineData(ClientCertificateMode.AllowCertificate, "none", true)]
    [InlineData(ClientCertificateMode.AllowCertificate, "right", true)]
    [InlineData(ClientCertificateMode.AllowCertificate, "unknown", false)]
    [InlineData(ClientCertificateMode.RequireCertificate, "right", true)]
    [InlineData(ClientCertificateMode.RequireCertificate, "through an intermediate", true)]
    public void ClientCertificate_InEachMode_IsAsConfigured(ClientCertificateMode mode, string kind, bool isAccepted)
    {
        using var files = new TlsFiles();
        using TestNode master = TestNode.Master(options =>
        {
            files.Listener(options);
            files.DemandClientCertificate(options, mode);
        });
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            if (kind == "through an intermediate")
            {
                TestAuthority intermediate = files.Authority.Intermediate();
                files.Write(intermediate.Issue(["replica"]), "replica", intermediate);
                files.Certificate(options, "replica");
            }
            else if (kind != "none")
            {
                files.Write(Wrong(kind, files), "replica");
                files.Certificate(options, "replica");
            }
        });

        if (isAccepted)
        {
            replica.WaitForStreaming().WaitUntilEqualTo(master);
        }
        else
        {
            replica.WaitFor(info => info.LinkDownReason?.Contains("is refused", StringComparison.Ordinal) == true, "it is refused");
            Assert.Equal(0, master.Info.SyncFull);
        }
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Master_WithTlsAndAReplicaWithout_BothSayQuicklyWhatToSet()
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(
            options =>
            {
                files.Listener(options);
                options.HandshakeTimeout = TimeSpan.FromMinutes(5);
            },
            log);
        using TestNode replica = TestNode.Replica(master.EndPoint, options => options.HandshakeTimeout = TimeSpan.FromMinutes(5));

        replica.WaitFor(
            info => info.LinkDownReason?.Contains("The peer does not speak TLS, and Tls:Listener is true on this node. Set Tls:Link to true on the replica.", StringComparison.Ordinal) == true,
            "the replica is told");
        master.WaitUntil(() => log.Contains("Warning 1111", "TlsRequired", "Set Tls:Link to true on the replica"), () => log.Text);
        Assert.Contains("TlsRequired", master.Info.LastHandshakeRefusal, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Replica_WithTlsAndAMasterWithout_BothSayQuicklyWhatToSet()
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(options => options.HandshakeTimeout = TimeSpan.FromMinutes(5), log);
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            options.HandshakeTimeout = TimeSpan.FromMinutes(5);
        });

        replica.WaitFor(
            info => info.LinkDownReason?.Contains("does not speak TLS, and Tls:Link is true here. Set Tls:Listener to true on the master, or Tls:Link to false on this node.", StringComparison.Ordinal) == true,
            "the replica knows");
        master.WaitUntil(() => log.Contains("Warning 1111", "TlsNotEnabled", "Set Tls:Listener to true here"), () => log.Text);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void TrustedCertificates_WithAnIntermediateAlone_HoldNoRoot()
    {
        using var files = new TlsFiles();
        TestAuthority intermediate = files.Authority.Intermediate();
        files.Write(intermediate.Issue(["127.0.0.1"]), "master", intermediate);
        File.WriteAllText(files["ca.crt"], intermediate.Pem);
        using TestNode master = TestNode.Master(options => files.Listener(options, "master"));
        using TestNode replica = TestNode.Replica(master.EndPoint, files.Link);

        replica.WaitFor(info => info.LinkDownReason?.Contains("does not descend from a certificate that this node trusts", StringComparison.Ordinal) == true, "refused");
        Assert.Equal(0, master.Info.SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void ServerName_SetToTheNameInTheCertificate_IsWhatIsAskedFor()
    {
        using var files = new TlsFiles();
        files.Write(files.Authority.Issue(["cache.internal"]), "master");
        using TestNode master = TestNode.Master(options => files.Listener(options, "master"));
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            options.Tls.ServerName = "cache.internal";
        });
        using TestNode other = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            options.Tls.ServerName = "cache.internal.example.com";
        });

        replica.WaitForStreaming().WaitUntilEqualTo(master);
        other.WaitFor(info => info.LinkDownReason?.Contains("not for 'cache.internal.example.com'", StringComparison.Ordinal) == true, "refused");
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Validation_InCode_DecidesInsteadOfTheRulesAndWhatItThrowsRefuses()
    {
        using var files = new TlsFiles();
        using var stranger = new TestAuthority("Stranger");
        X509Certificate2 pinned = files.Write(stranger.Issue(["anything"]), "master", stranger);
        using var mastersLog = new TraceLog();
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(options => files.Listener(options, "master"), mastersLog);
        master.Set("k", [1]);
        using TestNode accepting = TestNode.Replica(master.EndPoint, options =>
        {
            options.Tls.Link = true;
            options.Tls.UsePeerValidation((certificate, _, _) => certificate.Thumbprint == pinned.Thumbprint);
        });
        using TestNode refusing = TestNode.Replica(master.EndPoint, options =>
        {
            options.Tls.Link = true;
            options.Tls.UsePeerValidation((_, _, _) => false);
        });
        using TestNode throwing = TestNode.Replica(
            master.EndPoint,
            options =>
            {
                options.Tls.Link = true;
                options.Tls.UsePeerValidation((_, _, _) => throw new InvalidDataException("cannot tell"));
            },
            log);

        accepting.WaitForStreaming().WaitUntilEqualTo(master);
        refusing.WaitFor(info => info.LinkDownReason?.Contains("the validation in the application's code did not accept it", StringComparison.Ordinal) == true, "refused");
        throwing.WaitFor(info => info.LinkDownReason?.Contains("the validation in the application's code failed (InvalidDataException)", StringComparison.Ordinal) == true, "refused");
        Assert.Equal(1, master.Info.SyncFull);

        // What the application's exception says stays here: the other end may be a stranger.
        throwing.WaitUntil(() => log.Contains("cannot tell"), () => log.Text);
        master.WaitUntil(() => mastersLog.Contains("InvalidDataException"), () => mastersLog.Text);
        Assert.False(mastersLog.Contains("cannot tell"), mastersLog.Text);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Certificate_OfTheReplicaIsValid_DoesNotReplaceThePassword()
    {
        using var files = new TlsFiles();
        using TestNode master = TestNode.Master(options =>
        {
            files.Listener(options);
            files.DemandClientCertificate(options);
            options.Password = "right";
        });
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            files.Certificate(options);
        });

        replica.WaitFor(info => info.LinkDownReason?.Contains("The master demands a password", StringComparison.Ordinal) == true, "the password is asked for all the same");
        Assert.Equal(0, master.Info.SyncFull);
    }

    private static void WriteWrong(string kind, TlsFiles files, string name)
    {
        string[] names = ["localhost", "127.0.0.1"];
        TestAuthority? issuer = kind switch
        {
            "issued by a node" => files.Authority.IssueAsAuthority(files.Authority.Issue(["any-node"])),
            "issuer expired" => files.Authority.Intermediate("Old Intermediate", days: -1),
            _ => null,
        };
        files.Write(issuer is null ? Wrong(kind, files) : issuer.Issue(names), name, issuer);
    }

    private static X509Certificate2 Wrong(string kind, TlsFiles files)
    {
        string[] names = ["localhost", "127.0.0.1"];
        using var unknown = new TestAuthority("Unknown");
        return kind switch
        {
            "expired" => files.Authority.Issue(names, days: -1),
            "unknown" => unknown.Issue(names),
            "self-signed" => new TestAuthority("Self").Certificate,
            "wrong name" => files.Authority.Issue(["cache.example.com", "other.example.com"]),
            "client only" => files.Authority.Issue(names, isForServers: false),
            "server only" => files.Authority.Issue(names, isForClients: false),
            "no chain" => files.Authority.Intermediate().Issue(names),
            _ => files.Authority.Issue(names),
        };
    }
}
