using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>Says in words what is wrong with the certificate of the other end.</summary>
internal static class PeerVerdict
{
    private const string RevocationListAddresses = "2.5.29.31";

    /// <summary>May name the address of a service that tells what is revoked.</summary>
    private const string IssuerAddresses = "1.3.6.1.5.5.7.1.1";

    private const int MaxNames = 5;
    private const int MaxTextLength = 100;

    /// <summary>What is wrong, as a clause that begins with "it"; null if nothing is.</summary>
    /// <param name="certificate">What the other end showed.</param>
    /// <param name="chain">As it was built.</param>
    /// <param name="errors">What the runtime found.</param>
    /// <param name="expectedName">The name that it must have, for the message; null if none is demanded.</param>
    public static string? Describe(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors, string? expectedName)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return DescribeChain(certificate, chain);
        }

        return errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
            ? $"it is for {NamesOf(certificate)} and not for '{expectedName}'. Set Tls:ServerName to the name in the certificate, or renew the certificate with this name"
            : null;
    }

    /// <summary>A certificate as messages name it; its text comes from a stranger.</summary>
    public static string NameOf(X509Certificate2 certificate) => Clean(certificate.Subject);

    /// <summary>Text of a stranger, made fit for a message.</summary>
    public static string Clean(string text)
    {
        string cut = text.Length > MaxTextLength ? text[..MaxTextLength] + "…" : text;
        return string.Concat(cut.Select(c => IsOdd(c) ? '?' : c));
    }

    private static bool IsOdd(char c) => char.IsControl(c) || char.IsSurrogate(c)
        || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string DescribeChain(X509Certificate2 certificate, X509Chain? chain)
    {
        X509ChainStatusFlags flags = X509ChainStatusFlags.NoError;
        foreach (X509ChainStatus status in chain?.ChainStatus ?? [])
        {
            flags |= status.Status;
        }

        if (flags.HasFlag(X509ChainStatusFlags.Revoked))
        {
            return "it is revoked";
        }

        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            X509Certificate2 outOfTime = chain!.ChainElements.Select(element => element.Certificate).FirstOrDefault(IsOutOfTime(chain), certificate);
            string whose = outOfTime.Thumbprint == certificate.Thumbprint ? "it" : $"its issuer '{NameOf(outOfTime)}'";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{whose} is valid from {outOfTime.NotBefore.ToUniversalTime():u} to {outOfTime.NotAfter.ToUniversalTime():u}, and not now. Renew it, and look at the clocks of both machines");
        }

        if ((flags & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
        {
            return $"it is issued by '{Clean(certificate.Issuer)}', and does not descend from a certificate that this node trusts. Set Tls:TrustedCertificatesPath here to the root that issued it, and let the other end send the certificates in between";
        }

        if (flags.HasFlag(X509ChainStatusFlags.NotValidForUsage))
        {
            return "its extended key usage does not permit this: a master's needs serverAuth, a replica's clientAuth";
        }

        if ((flags & (X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation)) != 0)
        {
            return chain!.ChainElements.Any(IsOfUnknownRevocationWithoutAddress)
                ? "it cannot be told whether it is revoked, because it, or an issuer of it, names no address of a revocation list. Issue it with one, or set Tls:RevocationMode to NoCheck"
                : "it cannot be told whether it is revoked. Let this node reach the revocation list, or set Tls:RevocationMode to NoCheck";
        }

        return $"it is not valid ({flags})";
    }

    private static bool IsOfUnknownRevocationWithoutAddress(X509ChainElement element) =>
        element.ChainElementStatus.Any(status => status.Status == X509ChainStatusFlags.RevocationStatusUnknown)
        && !element.Certificate.Extensions.Any(extension => extension.Oid?.Value is RevocationListAddresses or IssuerAddresses);

    private static Func<X509Certificate2, bool> IsOutOfTime(X509Chain chain) => certificate => chain.ChainElements
        .Any(element => element.Certificate.Thumbprint == certificate.Thumbprint && element.ChainElementStatus.Any(status => status.Status == X509ChainStatusFlags.NotTimeValid));

    private static string NamesOf(X509Certificate2 certificate)
    {
        string[] names =
        [
            .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
                .Take(MaxNames),
        ];
        return names.Length > 0 ? string.Join(", ", names.Select(name => $"'{Clean(name)}'")) : $"'{NameOf(certificate)}'";
    }
}
