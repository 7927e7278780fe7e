using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>A certificate from the machine's store, by thumbprint or by subject. <see cref="StoreCandidate"/> says which of several.</summary>
internal sealed class StoreCertificateSource : ICertificateSource
{
    private readonly CertificateLocation _location;
    private readonly CertificateUse _use;
    private readonly TimeProvider _time;
    private readonly Func<X509Certificate2Collection> _read;
    private readonly LastingProblem _problem = new();
    private OwnCertificate _current;

    /// <param name="location">With a thumbprint or a subject.</param>
    /// <param name="use">What it is for.</param>
    /// <param name="time">Tells which ones are valid already.</param>
    /// <param name="read">Reads the store; null for the location's.</param>
    /// <exception cref="TlsSettingException">There is none that can be used.</exception>
    public StoreCertificateSource(CertificateLocation location, CertificateUse use, TimeProvider time, Func<X509Certificate2Collection>? read = null)
    {
        _location = location;
        _use = use;
        _time = time;
        _read = read ?? ReadStore;
        _current = MakeReady(Find());
    }

    public OwnCertificate Current => Volatile.Read(ref _current);

    public OwnCertificate? Known => Current;

    public TlsNotice? Refresh()
    {
        try
        {
            X509Certificate2 found = Find();
            OwnCertificate? renewed = null;
            if (found.Thumbprint == Current.Thumbprint)
            {
                found.Dispose();
            }
            else
            {
                renewed = MakeReady(found);
                Volatile.Write(ref _current, renewed);
            }

            _problem.Clear();
            return renewed is null ? null : new TlsNotice(_location.ToString(), null, renewed);
        }
        catch (TlsSettingException exception)
        {
            return _problem.IsToBeTold(exception.Message) ? new TlsNotice(_location.ToString(), exception.Message, null) : null;
        }
    }

    private string Setting => _location.Thumbprint is not null ? "Certificate:Thumbprint" : "Certificate:Subject";

    private string Sought => _location.Thumbprint ?? _location.Subject!;

    private OwnCertificate MakeReady(X509Certificate2 found)
    {
        try
        {
            return new OwnCertificate(found, []);
        }
        catch (Exception exception) when (exception is CryptographicException or NotSupportedException or InvalidOperationException)
        {
            string subject = found.Subject;
            found.Dispose();
            throw new TlsSettingException(Setting, $"'{Sought}' finds '{subject}' in {_location}, which cannot be used: {exception.Message.TrimEnd('.')}. Its key must be one for RSA or ECDSA that this process may use", exception);
        }
    }

    private X509Certificate2 Find()
    {
        X509Certificate2Collection all = Read();
        X509Certificate2? best = null;
        try
        {
            List<StoreCandidate> matching = [.. all.Select(Match).OfType<StoreCandidate>()];
            if (matching.Count == 0)
            {
                throw new TlsSettingException(
                    Setting, $"'{Sought}' finds no certificate in {_location}; install it there with its private key, or name another Certificate:Store and Certificate:Location");
            }

            best = matching.Where(candidate => candidate.Certificate.HasPrivateKey).Max()?.Certificate;
            return best ?? throw new TlsSettingException(
                Setting, $"'{Sought}' finds '{matching[0].Certificate.Subject}' in {_location}, but not its private key; install it there together with its key, as from a PFX file");
        }
        catch (CryptographicException exception)
        {
            throw new TlsSettingException(Setting, $"'{Sought}' leads to a certificate in {_location} that cannot be read: {exception.Message}", exception);
        }
        finally
        {
            // They hold memory, and on some systems keys, that the collector does not see; and a look comes every few seconds.
            foreach (X509Certificate2 other in all.Where(certificate => !ReferenceEquals(certificate, best)))
            {
                other.Dispose();
            }
        }
    }

    private StoreCandidate? Match(X509Certificate2 certificate) => _location.Thumbprint is { } thumbprint
        ? StoreCandidate.ByThumbprint(certificate, thumbprint)
        : StoreCandidate.BySubject(certificate, _location.Subject!, _use, _time.GetUtcNow());

    private X509Certificate2Collection Read()
    {
        try
        {
            return _read();
        }

        // The invalid operation is a user without a home directory, where the store of a user is on Linux: usual in containers.
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException
            or InvalidOperationException or NotSupportedException or SecurityException)
        {
            throw new TlsSettingException(
                "Certificate:Store",
                $"'{_location.Store}' at Certificate:Location {_location.StoreLocation} cannot be opened: {exception.Message.TrimEnd('.')}. Install the certificate there first, or use Certificate:Path",
                exception);
        }
    }

    private X509Certificate2Collection ReadStore()
    {
        using X509Store store = new(_location.Store, _location.StoreLocation);
        store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
        return store.Certificates;
    }
}
