using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>Certificates that are replaced while nodes run.</summary>
public class TlsRenewalTests
{
    private const int NotUsable = 2202;

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Certificate_RenewedWhileReplicasAreAttached_IsShownToNewOnesAndExistingLinksStay()
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        X509Certificate2 first = files.Write(files.Authority.Issue(["localhost", "127.0.0.1"]), "master");
        using TestNode master = TestNode.Master(options => Listener(options, files["master.crt"], files["master.key"]), log);
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options => files.Link(options)).WaitForStreaming();
        Assert.Equal(first.Thumbprint, Shown(master));

        X509Certificate2 second = files.Write(files.Authority.Issue(["localhost", "127.0.0.1"], days: 60), "master");

        TestNode.Wait(() => Shown(master) == second.Thumbprint, () => log.Text);
        Assert.Equal(second.NotAfter.ToUniversalTime(), master.Info.CertificateNotAfter!.Value.UtcDateTime);
        using TestNode late = TestNode.Replica(master.EndPoint, options => files.Link(options)).WaitForStreaming();
        master.Set("k", [2]);
        replica.WaitUntilEqualTo(master);
        late.WaitUntilEqualTo(master);
        Assert.Equal((0, 2), (replica.Info.LinkFailures, master.Info.SyncFull));
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Certificate_ReplacedByASymbolicLinkAsInKubernetes_IsTaken()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // Symbolic links need a privilege there.
        }

        using var files = new TlsFiles();
        using var log = new TraceLog();
        Volume(files, "v1", files.Authority.Issue(["localhost", "127.0.0.1"]));
        Directory.CreateSymbolicLink(files["..data"], files["v1"]);
        File.CreateSymbolicLink(files["tls.crt"], Path.Combine("..data", "tls.crt"));
        File.CreateSymbolicLink(files["tls.key"], Path.Combine("..data", "tls.key"));
        using TestNode master = TestNode.Master(options => Listener(options, files["tls.crt"], files["tls.key"]), log);

        X509Certificate2 second = Volume(files, "v2", files.Authority.Issue(["localhost", "127.0.0.1"]));
        Directory.CreateSymbolicLink(files["..data_tmp"], files["v2"]);
        Directory.Delete(files["v1"], recursive: true);
        File.Delete(files["..data"]);
        Directory.Move(files["..data_tmp"], files["..data"]);

        TestNode.Wait(() => Shown(master) == second.Thumbprint, () => log.Text);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("half written")]
    [InlineData("empty")]
    [InlineData("gone")]
    [InlineData("key of another")]
    [InlineData("huge")]
    public void Certificate_ReplacedByABrokenOne_LeavesTheOldInUseWithOneWarningAndHeals(string kind)
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        X509Certificate2 first = files.Write(files.Authority.Issue(["localhost", "127.0.0.1"]), "master");
        using TestNode master = TestNode.Master(options => Listener(options, files["master.crt"], files["master.key"]), log);
        X509Certificate2 second = files.Authority.Issue(["localhost", "127.0.0.1"]);
        string path = files["master.crt"];
        switch (kind)
        {
            case "half written":
                string pem = second.ExportCertificatePem();
                File.WriteAllText(path, pem[..(pem.Length / 2)]);
                break;
            case "empty":
                File.WriteAllText(path, "");
                break;
            case "gone":
                File.Delete(path);
                break;
            case "huge":
                File.WriteAllBytes(path, new byte[2 << 20]);
                break;
            default:
                File.WriteAllText(path, second.ExportCertificatePem());
                break;
        }

        master.WaitUntil(() => log.CountOf(NotUsable) > 0, () => log.Text);
        Assert.Equal(first.Thumbprint, Shown(master));

        // Whoever looks again finds the same, and says nothing.
        long looks = 0;
        TestNode.Wait(() => Shown(master) == first.Thumbprint && ++looks > 100, () => "it stays in use");
        Assert.Equal(1, log.CountOf(NotUsable));
        files.Write(second, "master");
        TestNode.Wait(() => Shown(master) == second.Thumbprint, () => log.Text);
        Assert.Equal(1, log.CountOf(NotUsable));
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void TrustedCertificates_WithANewRoot_LetInWhoeverDescendsFromIt()
    {
        using var files = new TlsFiles();
        using var next = new TestAuthority("Next Root");
        files.Write(next.Issue(["localhost", "127.0.0.1"]), "master", next);
        using TestNode master = TestNode.Master(options => files.Listener(options, "master"));
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            files.Link(options);
            options.Tls.ReloadInterval = TimeSpan.FromMilliseconds(10);
        });
        replica.WaitFor(info => info.LinkDownReason?.Contains("'CN=Next Root'", StringComparison.Ordinal) == true, "it is not trusted yet");

        File.WriteAllText(files["ca.crt"], files.Authority.Pem + next.Pem);

        replica.WaitForStreaming().WaitUntilEqualTo(master);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Certificate_SelectedInCode_IsSelectedAnewForEachHandshake()
    {
        using var files = new TlsFiles();
        X509Certificate2[] certificates = [files.Authority.Issue(["localhost"]), files.Authority.Issue(["localhost"])];
        int index = 0;
        using TestNode master = TestNode.Master(options =>
        {
            options.Tls.Listener = true;
            options.Tls.Certificate.UseSelector(() => index < certificates.Length ? certificates[index] : throw new InvalidDataException("none left"));
        });

        Assert.Equal(certificates[0].Thumbprint, Shown(master));
        index = 1;
        Assert.Equal(certificates[1].Thumbprint, Shown(master));
        index = 2;
        Assert.ThrowsAny<Exception>(() => Shown(master));
        master.WaitFor(info => info.LastHandshakeRefusal?.Contains("none left", StringComparison.Ordinal) == true, "it is said");
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Certificate_SelectedInCodeThatTlsCannotUse_IsSaidToBeWhatTheSettingLeadsTo()
    {
        using var files = new TlsFiles();
        using X509Certificate2 unusable = files.Authority.IssueUnusable("localhost");
        using TestNode master = TestNode.Master(options =>
        {
            options.Tls.Listener = true;
            options.Tls.Certificate.UseSelector(() => unusable);
        });

        Assert.ThrowsAny<Exception>(() => Shown(master));
        master.WaitFor(
            info => info.LastHandshakeRefusal?.Contains("Tls:Certificate is selected by the application's code and cannot be used", StringComparison.Ordinal) == true, "it is said");
    }

    private static void Listener(ReplicatedCacheOptions options, string path, string keyPath)
    {
        options.Tls.Listener = true;
        options.Tls.Certificate.Path = path;
        options.Tls.Certificate.KeyPath = keyPath;
        options.Tls.ReloadInterval = TimeSpan.FromMilliseconds(10);
    }

    private static X509Certificate2 Volume(TlsFiles files, string name, X509Certificate2 certificate)
    {
        Directory.CreateDirectory(files[name]);
        return files.Write(certificate, Path.Combine(name, "tls"));
    }

    private static string Shown(TestNode master)
    {
        using SslStream stream = TlsFiles.Connect(master.EndPoint);
        return new X509Certificate2(stream.RemoteCertificate!).Thumbprint;
    }
}
