using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl;

/// <summary>
/// How the connections between nodes are encrypted; the section <c>Tls</c> of <see cref="ReplicatedCacheOptions"/>. TLS 1.3, or 1.2 where the other end or the machine has no newer one. Not
/// thread-safe; not to be changed after the start. A change in the configuration acts on connections that are opened afterwards; those that exist stay.
/// </summary>
public sealed class ReplicatedCacheTlsOptions
{
    /// <summary>Whether replicas must connect to this node over TLS. Needs <see cref="Certificate"/>.</summary>
    /// <value>Default false.</value>
    public bool Listener { get; set; }

    /// <summary>Whether this node connects to its master over TLS, and follows only one whose certificate is valid and has the right name.</summary>
    /// <value>Default false.</value>
    public bool Link { get; set; }

    /// <summary>This node's own certificate: shown to replicas, and to a master that asks for one.</summary>
    public ReplicatedCacheCertificateOptions Certificate { get; } = new();

    /// <summary>
    /// A PEM file with the root certificates that the certificates of other nodes must descend from. No other root counts then. A certificate that is its own root may be in it, too. The file is read
    /// again when it changes.
    /// </summary>
    /// <value>Default null: the roots that the machine trusts.</value>
    public string? TrustedCertificatesPath { get; set; }

    /// <summary>The name, or the IP address, that the certificate of the master must be for.</summary>
    /// <value>Default null: the host of <see cref="ReplicatedCacheOptions.Master"/>, or the one that this node is ordered to follow.</value>
    public string? ServerName { get; set; }

    /// <summary>Whether this node asks replicas for a certificate. It does not replace the password, and does not end protected mode.</summary>
    /// <value>
    /// Default <see cref="ClientCertificateMode.NoCertificate"/>. <see cref="ClientCertificateMode.RequireCertificate"/> needs <see cref="TrustedCertificatesPath"/> or
    /// <see cref="UsePeerValidation"/>: with the roots of the machine, whoever bought a certificate anywhere would be let in.
    /// </value>
    public ClientCertificateMode ClientCertificateMode { get; set; }

    /// <summary>Whether it is looked up if a certificate was revoked. <see cref="X509RevocationMode.Online"/> fetches lists from the addresses that certificates name, for up to 3 s each.</summary>
    /// <value>Default <see cref="X509RevocationMode.NoCheck"/>.</value>
    public X509RevocationMode RevocationMode { get; set; } = X509RevocationMode.NoCheck;

    /// <summary>How often the files and stores of certificates are looked at. A renewed certificate is used by the handshakes from then on.</summary>
    /// <value>Default 10 s; 1 s to 1 day.</value>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The code that decides about certificates of other nodes; null without any.</summary>
    internal Func<X509Certificate2, X509Chain?, SslPolicyErrors, bool>? PeerValidation { get; private set; }

    /// <summary>
    /// Lets code decide whether the certificate of another node is accepted, instead of the rules above, whose outcome it is told. Called on threads of this library, for several connections at a
    /// time; what it throws refuses the connection. It decides about masters and replicas alike.
    /// </summary>
    /// <param name="isAccepted">Gets the certificate, its chain, and what is wrong with it by the rules.</param>
    public void UsePeerValidation(Func<X509Certificate2, X509Chain?, SslPolicyErrors, bool> isAccepted)
    {
        ArgumentNullException.ThrowIfNull(isAccepted);
        PeerValidation = isAccepted;
    }
}
