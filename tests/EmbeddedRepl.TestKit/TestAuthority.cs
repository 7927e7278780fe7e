using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.TestKit;

/// <summary>Issues certificates for tests, and writes them to files as a certificate manager does.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2? _parent;
    private long _serial = Random.Shared.NextInt64(1L << 60);

    /// <summary>Makes a root.</summary>
    public TestAuthority(string name = "Test Root")
    {
        CertificateRequest request = Request(name, isAuthority: true, out _);
        Certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddYears(1));
    }

    private TestAuthority(X509Certificate2 certificate, X509Certificate2 parent)
    {
        Certificate = certificate;
        _parent = parent;
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>The certificate as PEM.</summary>
    public string Pem => Certificate.ExportCertificatePem() + "\n";

    /// <summary>An authority between this one and the certificates that it issues.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="days">Until when it is valid, counted from now; null for as long as this one.</param>
    public TestAuthority Intermediate(string name = "Test Intermediate", double? days = null)
    {
        CertificateRequest request = Request(name, isAuthority: true, out ECDsa key);
        DateTimeOffset notAfter = days is { } limit ? DateTimeOffset.UtcNow.AddDays(limit) : Certificate.NotAfter.AddMinutes(-1);
        using X509Certificate2 certificate = request.Create(Certificate, Certificate.NotBefore.AddMinutes(1), notAfter, NextSerial());
        return new TestAuthority(certificate.CopyWithPrivateKey(key), Certificate);
    }

    /// <summary>The holder of a certificate that is no authority's acts as if it were one.</summary>
    public TestAuthority IssueAsAuthority(X509Certificate2 certificate) => new(certificate, Certificate);

    /// <summary>Issues a certificate with its key.</summary>
    /// <param name="names">Host names and IP addresses that it is for; the first is the subject.</param>
    /// <param name="days">How long it is valid; negative: until so long ago.</param>
    /// <param name="isForServers">Whether it may be shown by a master.</param>
    /// <param name="isForClients">Whether it may be shown by a replica.</param>
    /// <param name="notBefore">Since when it is valid; null for a day before now, or before the end of one that is expired.</param>
    /// <param name="notAfter">Until when it is valid; null for as <paramref name="days"/> says.</param>
    /// <param name="configure">Adds to the request.</param>
    public X509Certificate2 Issue(
        string[] names, double days = 30, bool isForServers = true, bool isForClients = true, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null, Action<CertificateRequest>? configure = null)
    {
        CertificateRequest request = Request(names[0], isAuthority: false, out ECDsa key);
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        OidCollection usages = [];
        if (isForServers)
        {
            usages.Add(new Oid(ServerUsage));
        }

        if (isForClients)
        {
            usages.Add(new Oid(ClientUsage));
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        configure?.Invoke(request);
        DateTimeOffset now = DateTimeOffset.UtcNow;

        // Not by its issuer's own check, which would refuse to issue in the name of one that is no authority.
        var signer = X509SignatureGenerator.CreateForECDsa(Certificate.GetECDsaPrivateKey()!);
        using X509Certificate2 certificate = request.Create(Certificate.SubjectName, signer, notBefore ?? now.AddDays(Math.Min(days, 0) - 1), notAfter ?? now.AddDays(days), NextSerial());
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Issues a certificate with a key of an algorithm that TLS has left behind. It is valid for 80 days.</summary>
    public X509Certificate2 IssueUnusable(string name)
    {
        using var key = DSA.Create(1024);
        CertificateRequest request = new(new X500DistinguishedName($"CN={name}"), new PublicKey(key), HashAlgorithmName.SHA256);
        var signer = X509SignatureGenerator.CreateForECDsa(Certificate.GetECDsaPrivateKey()!);
        using X509Certificate2 certificate = request.Create(Certificate.SubjectName, signer, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(80), NextSerial());
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Writes a certificate, with those between it and the root, and its key.</summary>
    public void Write(X509Certificate2 certificate, string path, string keyPath)
    {
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + (_parent is null ? "" : Pem));
        File.WriteAllText(keyPath, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => Certificate.Dispose();

    private static CertificateRequest Request(string name, bool isAuthority, out ECDsa key)
    {
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(new X500DistinguishedName($"CN={name}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private byte[] NextSerial() => BitConverter.GetBytes(Interlocked.Increment(ref _serial));
}
