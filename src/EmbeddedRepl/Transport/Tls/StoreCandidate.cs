using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>
/// A certificate of a store that the settings match. The greatest is taken: one whose name is the subject that was asked for, before one where that is only a part of it; one that its extended key usage
/// permits to be used; one that is valid already; one that is valid for longest; and of those, as where an authority lets nothing outlive itself, the newest.
/// </summary>
internal sealed class StoreCandidate : IComparable<StoreCandidate>
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly (bool HasExactName, CertificateUse Permitted, bool HasBegun, DateTime NotAfter, DateTime NotBefore, string Thumbprint) _rank;

    private StoreCandidate(X509Certificate2 certificate, bool hasExactName, CertificateUse permitted, bool hasBegun)
    {
        Certificate = certificate;

        // The thumbprint last: two looks at the same store must not disagree.
        _rank = (hasExactName, permitted, hasBegun, certificate.NotAfter, certificate.NotBefore, certificate.Thumbprint);
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>The candidate, or null if the certificate is another one.</summary>
    public static StoreCandidate? ByThumbprint(X509Certificate2 certificate, string thumbprint) =>
        string.Equals(certificate.Thumbprint, thumbprint, StringComparison.OrdinalIgnoreCase) ? new StoreCandidate(certificate, true, CertificateUse.None, true) : null;

    /// <summary>The candidate, or null if the subject of the certificate is another one.</summary>
    /// <param name="certificate">One of the store.</param>
    /// <param name="subject">Part of its subject, with or without the kind of the part: <c>CN=cache.internal</c>, or <c>cache.internal</c>.</param>
    /// <param name="use">What it is for.</param>
    /// <param name="now">The time.</param>
    public static StoreCandidate? BySubject(X509Certificate2 certificate, string subject, CertificateUse use, DateTimeOffset now)
    {
        string own = certificate.Subject;
        if (!own.Contains(subject, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        bool hasExactName = own.Equals(subject, StringComparison.OrdinalIgnoreCase)
            || own.Split(", ").Any(part => part.Equals(subject, StringComparison.OrdinalIgnoreCase) || part.Equals("CN=" + subject, StringComparison.OrdinalIgnoreCase));
        return new StoreCandidate(certificate, hasExactName, use & PermittedTo(certificate), new DateTimeOffset(certificate.NotBefore) <= now);
    }

    public int CompareTo(StoreCandidate? other) => other is null ? 1 : _rank.CompareTo(other._rank);

    private static CertificateUse PermittedTo(X509Certificate2 certificate)
    {
        if (certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is not { } extension)
        {
            return CertificateUse.Listener | CertificateUse.Link;
        }

        HashSet<string?> usages = [.. extension.EnhancedKeyUsages.Cast<Oid>().Select(usage => usage.Value)];
        return (usages.Contains(ServerUsage) ? CertificateUse.Listener : CertificateUse.None) | (usages.Contains(ClientUsage) ? CertificateUse.Link : CertificateUse.None);
    }
}
