using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>A certificate with its key and the certificates between it and its root, ready for handshakes. Immutable.</summary>
/// <remarks>It is not disposed of when it is replaced, because a handshake may be using it; it is finalized when none does any more.</remarks>
internal sealed class OwnCertificate
{
    /// <param name="certificate">With its private key.</param>
    /// <param name="intermediates">Those that are sent along.</param>
    public OwnCertificate(X509Certificate2 certificate, X509Certificate2Collection intermediates)
    {
        Certificate = certificate;
        Subject = certificate.Subject;
        Thumbprint = certificate.Thumbprint;
        NotBefore = new(certificate.NotBefore);
        NotAfter = new(certificate.NotAfter);

        // Offline: nothing is fetched from addresses that a certificate names, neither now nor in the background.
        Context = SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
    }

    public X509Certificate2 Certificate { get; }

    public SslStreamCertificateContext Context { get; }

    // Kept, because the application may dispose of a certificate that it selected.
    public string Subject { get; }

    public string Thumbprint { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }
}
