using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.Transport;
using EmbeddedRepl.Transport.Tls;

namespace EmbeddedRepl.Hosting;

/// <summary>
/// Checks the section <c>Tls</c>. Whether files exist and certificates can be used shows at the start, where they are loaded. A setting that would be of no effect is refused: who sets a
/// certificate believes that connections are encrypted.
/// </summary>
internal static class TlsValidator
{
    private const string Tls = nameof(ReplicatedCacheOptions.Tls);
    private const string Certificate = Tls + ":" + nameof(ReplicatedCacheTlsOptions.Certificate);

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    /// <param name="o">The section.</param>
    /// <param name="report">Takes a key below that of the cache, and what is wrong with it.</param>
    public static void Check(ReplicatedCacheTlsOptions o, Action<string, string> report)
    {
        CheckCertificate(o.Certificate, report);
        CheckUse(o, report);
        CheckNotBlank($"{Tls}:{nameof(o.TrustedCertificatesPath)}", o.TrustedCertificatesPath, report);
        CheckServerName(o, report);
        CheckClientCertificates(o, report);
        if (!Enum.IsDefined(o.RevocationMode))
        {
            report(
                $"{Tls}:{nameof(o.RevocationMode)}",
                $"must be {X509RevocationMode.NoCheck}, {X509RevocationMode.Online} or {X509RevocationMode.Offline} but is {o.RevocationMode}");
        }

        if (o.ReloadInterval < ShortestInterval || o.ReloadInterval > LongestInterval)
        {
            report($"{Tls}:{nameof(o.ReloadInterval)}", $"must be between {ShortestInterval} and {LongestInterval} but is {o.ReloadInterval}");
        }
    }

    private static void CheckUse(ReplicatedCacheTlsOptions o, Action<string, string> report)
    {
        if (o.Listener && !o.Certificate.IsSet)
        {
            report(
                Certificate,
                $"is not set, but {Tls}:{nameof(o.Listener)} is true; set {nameof(o.Certificate.Path)} to a PEM file (and {nameof(o.Certificate.KeyPath)} to that of the key) or a PFX file, or {nameof(o.Certificate.Thumbprint)} or {nameof(o.Certificate.Subject)} to find it in the store of the machine");
        }

        if (o.Certificate.IsSet && !o.Listener && !o.Link)
        {
            report(Certificate, $"is set, but nothing uses it: set {Tls}:{nameof(o.Listener)} to true on a node that others follow, and {Tls}:{nameof(o.Link)} on one that follows another");
        }
    }

    private static void CheckCertificate(ReplicatedCacheCertificateOptions o, Action<string, string> report)
    {
        CheckNotBlank($"{Certificate}:{nameof(o.Path)}", o.Path, report);
        CheckNotBlank($"{Certificate}:{nameof(o.KeyPath)}", o.KeyPath, report);
        CheckThumbprint($"{Certificate}:{nameof(o.Thumbprint)}", o.Thumbprint, report);
        CheckNotBlank($"{Certificate}:{nameof(o.Subject)}", o.Subject, report);
        CheckNotBlank($"{Certificate}:{nameof(o.Store)}", o.Store, report);
        int places = new[] { o.Path is not null, o.Thumbprint is not null, o.Subject is not null, o.Selector is not null }.Count(isSet => isSet);
        if (places > 1)
        {
            report(
                Certificate,
                $"says in {places} ways where the certificate is; keep one of {nameof(o.Path)}, {nameof(o.Thumbprint)}, {nameof(o.Subject)}, and the selector in code");
        }

        if (o.Path is null && o.KeyPath is not null)
        {
            report($"{Certificate}:{nameof(o.KeyPath)}", $"is set, but {nameof(o.Path)}, which names the certificate, is not");
        }

        if (o.Path is null && o.Password is not null)
        {
            report($"{Certificate}:{nameof(o.Password)}", $"is set, but {nameof(o.Path)} is not, so that there is no file that it opens");
        }

        if (!Enum.IsDefined(o.Location))
        {
            report($"{Certificate}:{nameof(o.Location)}", $"must be {StoreLocation.CurrentUser} or {StoreLocation.LocalMachine} but is {o.Location}");
        }
    }

    private static void CheckServerName(ReplicatedCacheTlsOptions o, Action<string, string> report)
    {
        if (o.ServerName is null)
        {
            return;
        }

        string key = $"{Tls}:{nameof(o.ServerName)}";
        if (!o.Link)
        {
            report(key, $"is set, but {Tls}:{nameof(o.Link)} is not true, so that no master is asked for a certificate");
        }

        if (HostEndPoint.ProblemAsTargetHost(o.ServerName) is { } problem)
        {
            report(key, $"'{o.ServerName}' cannot be used: {problem}");
        }
    }

    private static void CheckClientCertificates(ReplicatedCacheTlsOptions o, Action<string, string> report)
    {
        string key = $"{Tls}:{nameof(o.ClientCertificateMode)}";
        if (!Enum.IsDefined(o.ClientCertificateMode))
        {
            report(
                key,
                $"must be {ClientCertificateMode.NoCertificate}, {ClientCertificateMode.AllowCertificate} or {ClientCertificateMode.RequireCertificate} but is {o.ClientCertificateMode}");
        }
        else if (o.ClientCertificateMode != ClientCertificateMode.NoCertificate && !o.Listener)
        {
            report(key, $"is {o.ClientCertificateMode}, but {Tls}:{nameof(o.Listener)} is not true, so that nobody is asked for a certificate");
        }
        else if (o.ClientCertificateMode == ClientCertificateMode.RequireCertificate && o.TrustedCertificatesPath is null && o.PeerValidation is null)
        {
            report(
                key,
                $"is {o.ClientCertificateMode}, but {nameof(o.TrustedCertificatesPath)} is not set, so that everybody with a certificate of any public authority would be let in; set it to the root that issues the certificates of replicas");
        }
    }

    private static void CheckThumbprint(string key, string? value, Action<string, string> report)
    {
        CheckNotBlank(key, value, report);
        if (!string.IsNullOrWhiteSpace(value) && CertificateThumbprint.Normalize(value) is null)
        {
            report(key, $"must be the SHA-1 thumbprint of a certificate, {CertificateThumbprint.Length} hexadecimal digits, but is '{value}'");
        }
    }

    private static void CheckNotBlank(string key, string? value, Action<string, string> report)
    {
        if (value is not null && string.IsNullOrWhiteSpace(value))
        {
            report(key, "is empty; remove it, or set it");
        }
    }
}
