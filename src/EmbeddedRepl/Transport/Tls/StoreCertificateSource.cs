using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>A certificate from the machine's store, by thumbprint or by subject. Of several, that which is valid for longest.</summary>
internal sealed class StoreCertificateSource : ICertificateSource
{
    private readonly CertificateLocation _location;
    private readonly TimeProvider _time;
    private OwnCertificate _current;
    private string? _reported;

    /// <exception cref="TlsSettingException">There is none that can be used.</exception>
    public StoreCertificateSource(CertificateLocation location, TimeProvider time)
    {
        _location = location;
        _time = time;
        _current = MakeReady(Find());
    }

    public OwnCertificate Current => Volatile.Read(ref _current);

    public OwnCertificate? Known => Current;

    public TlsNotice? Refresh()
    {
        try
        {
            X509Certificate2 found = Find();
            _reported = null;
            if (found.Thumbprint == Current.Thumbprint)
            {
                found.Dispose();
                return null;
            }

            OwnCertificate renewed = MakeReady(found);
            Volatile.Write(ref _current, renewed);
            return new TlsNotice(_location.ToString(), null, renewed);
        }
        catch (TlsSettingException exception)
        {
            bool isNew = _reported != exception.Message;
            _reported = exception.Message;
            return isNew ? new TlsNotice(_location.ToString(), exception.Message, null) : null;
        }
    }

    private string Setting => _location.Thumbprint is not null ? "Certificate:Thumbprint" : "Certificate:Subject";

    private OwnCertificate MakeReady(X509Certificate2 found)
    {
        try
        {
            return new OwnCertificate(found, []);
        }
        catch (Exception exception) when (exception is CryptographicException or NotSupportedException or InvalidOperationException)
        {
            throw new TlsSettingException(Setting, $"finds '{found.Subject}' in {_location}, which cannot be used: {exception.Message}", exception);
        }
    }

    private X509Certificate2 Find()
    {
        try
        {
            using X509Store store = new(_location.Store, _location.StoreLocation);
            store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
            X509Certificate2Collection found = _location.Thumbprint is { } thumbprint
                ? store.Certificates.Find(X509FindType.FindByThumbprint, thumbprint, validOnly: false)
                : store.Certificates.Find(X509FindType.FindBySubjectName, _location.Subject!, validOnly: false);
            DateTime now = _time.GetUtcNow().LocalDateTime;
            X509Certificate2? best = found
                .Where(certificate => certificate.HasPrivateKey)
                .OrderByDescending(certificate => certificate.NotBefore <= now)
                .ThenByDescending(certificate => certificate.NotAfter)
                .FirstOrDefault();
            foreach (X509Certificate2 other in found.Where(certificate => certificate != best))
            {
                other.Dispose();
            }

            return best ?? throw new TlsSettingException(
                Setting, $"finds no certificate with a private key in {_location}; install one there, or name another Certificate:Store and Certificate:Location");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException && exception is not TlsSettingException)
        {
            throw new TlsSettingException("Certificate:Store", $"cannot be opened as {_location}: {exception.Message}", exception);
        }
    }
}
