using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>A certificate from a PEM file with its key in the same or another file, or from a PFX file. Other certificates in the file are sent along.</summary>
internal sealed class FileCertificateSource : ICertificateSource
{
    private readonly CertificateLocation _location;
    private readonly WatchedFiles<OwnCertificate> _files;

    /// <exception cref="TlsSettingException">It cannot be loaded.</exception>
    public FileCertificateSource(CertificateLocation location)
    {
        _location = location;
        List<(string Setting, string Path)> files = [("Certificate:Path", location.Path!)];
        if (location.KeyPath is { } keyPath)
        {
            files.Add(("Certificate:KeyPath", keyPath));
        }

        _files = new WatchedFiles<OwnCertificate>([.. files], Load);
    }

    public OwnCertificate Current => _files.Current;

    public OwnCertificate? Known => Current;

    public TlsNotice? Refresh()
    {
        bool isNew = _files.Refresh(out string? problem);
        return isNew || problem is not null ? new TlsNotice(_location.ToString(), problem, isNew ? _files.Current : null) : null;
    }

    private OwnCertificate Load(byte[][] contents) =>
        contents.Length > 1 || contents[0].AsSpan().IndexOf("-----BEGIN "u8) >= 0 ? LoadPem(contents) : LoadPfx(contents[0]);

    private OwnCertificate LoadPem(byte[][] contents)
    {
        string certificates = Encoding.UTF8.GetString(contents[0]);
        string key = Encoding.UTF8.GetString(contents[^1]);
        try
        {
            using X509Certificate2 loaded = _location.Password is { } password
                ? X509Certificate2.CreateFromEncryptedPem(certificates, key, password)
                : X509Certificate2.CreateFromPem(certificates, key);
            X509Certificate2Collection all = [];
            all.ImportFromPem(certificates);
            return new OwnCertificate(WithLastingKey(loaded), Others(all, loaded));
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            string setting = contents.Length > 1 ? "Certificate:KeyPath" : "Certificate:Path";
            string advice = _location.Password is null ? "If the key is encrypted, set Certificate:Password" : "If the key is not encrypted, remove Certificate:Password";
            throw new TlsSettingException(setting, $"does not lead to a certificate with its key in {_location}: {exception.Message.TrimEnd('.')}. {advice}", exception);
        }
    }

    private OwnCertificate LoadPfx(byte[] content)
    {
        try
        {
            X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12Collection(content, _location.Password);
            X509Certificate2 own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
                ?? throw new TlsSettingException("Certificate:Path", $"'{_location.Path}' holds no private key; set Certificate:KeyPath, or export the certificate with its key");
            return new OwnCertificate(own, Others(all, own));
        }
        catch (CryptographicException exception)
        {
            throw new TlsSettingException(
                "Certificate:Path",
                $"'{_location.Path}' is neither a PEM file nor a PFX file that Certificate:Password opens: {exception.Message}",
                exception);
        }
    }

    private static X509Certificate2Collection Others(X509Certificate2Collection all, X509Certificate2 own) =>
        [.. all.Where(certificate => certificate.Thumbprint != own.Thumbprint && certificate.Subject != certificate.Issuer)];

    /// <summary>On Windows the system's TLS does not take a key that was read from PEM and is in no key store.</summary>
    private static X509Certificate2 WithLastingKey(X509Certificate2 certificate) => OperatingSystem.IsWindows()
        ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null)
        : new X509Certificate2(certificate);
}
