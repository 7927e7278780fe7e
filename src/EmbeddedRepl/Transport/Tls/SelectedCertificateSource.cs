using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>A certificate that the application's code selects, anew for each handshake.</summary>
internal sealed class SelectedCertificateSource(Func<X509Certificate2?> select) : ICertificateSource
{
    private OwnCertificate? _last;

    public OwnCertificate Current
    {
        get
        {
            X509Certificate2? selected = Select();
            if (selected is null || !selected.HasPrivateKey)
            {
                throw new TlsSettingException("Certificate", selected is null
                    ? "is selected by the application's code, which returned none"
                    : "is selected by the application's code, which returned one without a private key");
            }

            // Making it ready builds its chain, which is not done again for the same one.
            OwnCertificate? last = Volatile.Read(ref _last);
            if (last is null || !ReferenceEquals(last.Certificate, selected))
            {
                last = MakeReady(selected);
                Volatile.Write(ref _last, last);
            }

            return last;
        }
    }

    public OwnCertificate? Known => Volatile.Read(ref _last);

    public TlsNotice? Refresh() => null;

    private static OwnCertificate MakeReady(X509Certificate2 selected)
    {
        try
        {
            return new OwnCertificate(selected, []);
        }
        catch (Exception exception) when (exception is CryptographicException or NotSupportedException or InvalidOperationException)
        {
            throw new TlsSettingException("Certificate", $"is selected by the application's code and cannot be used: {exception.Message}", exception);
        }
    }

    private X509Certificate2? Select()
    {
        try
        {
            return select();
        }
#pragma warning disable CA1031 // It is the application's code, and fails this handshake only.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new TlsSettingException("Certificate", $"is selected by the application's code, which failed: {exception.Message}", exception);
        }
    }
}
