using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport.Tls;

namespace EmbeddedRepl.Tests.Transport.Tls;

public sealed class CertificateSourceTests : IDisposable
{
    private const string Password = "pfx-secret-4711";

    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("pem and key")]
    [InlineData("one pem")]
    [InlineData("encrypted key")]
    [InlineData("pfx")]
    [InlineData("pfx without password")]
    public void File_OfEachKind_IsLoadedWithItsKeyAndWhatIsBetweenItAndItsRoot(string kind)
    {
        using TestAuthority intermediate = _authority.Intermediate();
        using X509Certificate2 certificate = intermediate.Issue(["node"]);
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        string pem = certificate.ExportCertificatePem() + "\n" + intermediate.Pem + _authority.Pem;
        var location = new CertificateLocation { Path = _folder["node"] };
        switch (kind)
        {
            case "one pem":
                File.WriteAllText(location.Path, pem + key.ExportPkcs8PrivateKeyPem());
                break;
            case "pfx" or "pfx without password":
                location = location with { Password = kind == "pfx" ? Password : null };
                X509Certificate2Collection all = [certificate, intermediate.Certificate];
                File.WriteAllBytes(location.Path, all.Export(X509ContentType.Pkcs12, location.Password)!);
                break;
            default:
                location = location with { KeyPath = _folder["key"], Password = kind == "encrypted key" ? Password : null };
                File.WriteAllText(location.Path, pem);
                File.WriteAllText(location.KeyPath, location.Password is null
                    ? key.ExportPkcs8PrivateKeyPem()
                    : key.ExportEncryptedPkcs8PrivateKeyPem(location.Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
                break;
        }

        OwnCertificate loaded = new FileCertificateSource(location).Current;

        Assert.Equal(certificate.Thumbprint, loaded.Thumbprint);
        Assert.True(loaded.Certificate.HasPrivateKey);
        Assert.Contains(loaded.Context.IntermediateCertificates, sent => sent.Thumbprint == intermediate.Certificate.Thumbprint);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [Trait("Behaviour", "F8")]
    [InlineData("missing", "Certificate:Path", "cannot be read")]
    [InlineData("no key", "Certificate:KeyPath", "cannot be read")]
    [InlineData("key of another", "Certificate:KeyPath", "If the key is encrypted, set Certificate:Password")]
    [InlineData("wrong password", "Certificate:Path", "neither a PEM file nor a PFX file that Certificate:Password opens")]
    [InlineData("no certificate", "Certificate:Path", "neither a PEM file nor a PFX file")]
    public void File_ThatCannotBeUsed_IsRefusedWithTheSettingAndWithoutThePassword(string kind, string setting, string problem)
    {
        using X509Certificate2 certificate = _authority.Issue(["node"]);
        using X509Certificate2 other = _authority.Issue(["other"]);
        var location = new CertificateLocation { Path = _folder["node"] };
        switch (kind)
        {
            case "no key":
                location = location with { KeyPath = _folder["key"] };
                File.WriteAllText(location.Path, certificate.ExportCertificatePem());
                break;
            case "key of another":
                location = location with { KeyPath = _folder["key"] };
                _authority.Write(other, location.Path, location.KeyPath);
                File.WriteAllText(location.Path, certificate.ExportCertificatePem());
                break;
            case "wrong password":
                location = location with { Password = Password };
                File.WriteAllBytes(location.Path, certificate.Export(X509ContentType.Pkcs12, "another"));
                break;
            case "no certificate":
                File.WriteAllText(location.Path, "hello");
                break;
        }

        TlsSettingException refused = Assert.Throws<TlsSettingException>(() => new FileCertificateSource(location));

        Assert.Equal(setting, refused.Setting);
        Assert.StartsWith("Tls:" + setting, refused.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, refused.ToString() + location, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData(typeof(PlatformNotSupportedException))]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(CryptographicException))]
    public void Files_OfAKindThatThisMachineCannotUse_AreAProblemThatIsToldOnceAndLeaveTheFormerInUse(Type kind)
    {
        string path = _folder["file"];
        File.WriteAllText(path, "good");
        var files = new WatchedFiles<string>([("Certificate:Path", path)], contents => contents[0].Length == 4 ? "good" : throw (Exception)Activator.CreateInstance(kind)!);
        File.WriteAllText(path, "of a newer algorithm");

        string?[] problems = [.. Enumerable.Range(0, 3).Select(_ => files.Refresh(out string? problem) ? "taken" : problem)];

        Assert.Equal((null, null), (problems[0], problems[2]));
        Assert.StartsWith($"Tls:Certificate:Path '{path}' cannot be used:", problems[1], StringComparison.Ordinal);
        Assert.Equal("good", files.Current);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Directory_InPlaceOfAFile_IsRefusedWithTheSetting() => Assert.Contains(
        "Tls:Certificate:Path", Assert.Throws<TlsSettingException>(() => new FileCertificateSource(new CertificateLocation { Path = Path.GetTempPath() })).Message, StringComparison.Ordinal);

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Store_WithoutSuchACertificate_IsRefusedWithTheSetting()
    {
        TlsSettingException refused = Assert.Throws<TlsSettingException>(
            () => new StoreCertificateSource(new CertificateLocation { Thumbprint = new string('0', 40) }, CertificateUse.Listener, TimeProvider.System));

        Assert.Contains("Tls:Certificate:", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CN=plain", "CN=plain")]
    [InlineData("CN=forged\r\nWarning", "CN=forged??Warning")]
    [InlineData("CN=forged\u2028Warning\u2029", "CN=forged?Warning?")]
    public void Clean_TextOfAStranger_HasNoLineEnds(string text, string expected) => Assert.Equal(expected, PeerVerdict.Clean(text));
}
