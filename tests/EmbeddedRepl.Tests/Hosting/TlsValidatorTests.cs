using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class TlsValidatorTests
{
    [Fact]
    [Trait("Behaviour", "F7")]
    public void Settings_AsDocumented_AreValid()
    {
        Assert.Empty(Problems(tls =>
        {
            (tls.Listener, tls.Link) = (true, true);
            (tls.Certificate.Path, tls.Certificate.KeyPath, tls.Certificate.Password) = ("tls.crt", "tls.key", "secret");
            tls.TrustedCertificatesPath = "ca.crt";
            tls.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            tls.ServerName = "cache.internal";
        }));
        Assert.Empty(Problems(tls => tls.Link = true));
        Assert.Empty(Problems(tls => (tls.Listener, tls.Certificate.Thumbprint) = (true, string.Join(':', Enumerable.Repeat("aB", 20)))));
        Assert.Empty(Problems(tls => (tls.Listener, tls.Certificate.Subject) = (true, "cache.internal")));
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Settings_ThatMakeNoSense_AreRefusedWithTheKeyAndWhatToDo()
    {
        Refused("Tls:Certificate is not set, but Tls:Listener is true; set Path to a PEM file", tls => tls.Listener = true);
        Refused("Tls:Certificate is set, but nothing uses it: set Tls:Listener to true", tls => tls.Certificate.Path = "tls.crt");
        Refused("Tls:Certificate says in 2 ways where the certificate is", tls => (tls.Link, tls.Certificate.Path, tls.Certificate.Subject) = (true, "tls.crt", "cache"));
        Refused("Tls:Certificate says in 2 ways where the certificate is", tls =>
        {
            (tls.Link, tls.Certificate.Thumbprint) = (true, "00");
            tls.Certificate.UseSelector(() => null);
        });
        Refused("Tls:Certificate:Path is empty; remove it, or set it", tls => (tls.Link, tls.Certificate.Path) = (true, " "));
        Refused("Tls:Certificate:KeyPath is set, but Path, which names the certificate, is not", tls => tls.Certificate.KeyPath = "tls.key");
        Refused("Tls:Certificate:Password is set, but Path is not", tls => tls.Certificate.Password = "secret");
        Refused("Tls:Certificate:Location must be CurrentUser or LocalMachine but is 7", tls => tls.Certificate.Location = (StoreLocation)7);
        Refused("Tls:Certificate:Thumbprint must be the SHA-1 thumbprint of a certificate, 40 hexadecimal digits, but is 'ab12'", tls => (tls.Link, tls.Certificate.Thumbprint) = (true, "ab12"));
        Refused("Tls:TrustedCertificatesPath is empty", tls => tls.TrustedCertificatesPath = "");
        Refused("Tls:ServerName is set, but Tls:Link is not true", tls => tls.ServerName = "cache.internal");
        Refused("Tls:ServerName '*' cannot be used", tls => (tls.Link, tls.ServerName) = (true, "*"));
        Refused("Tls:ClientCertificateMode is AllowCertificate, but Tls:Listener is not true", tls => tls.ClientCertificateMode = ClientCertificateMode.AllowCertificate);
        Refused("Tls:ClientCertificateMode must be NoCertificate, AllowCertificate or RequireCertificate but is 7", tls => tls.ClientCertificateMode = (ClientCertificateMode)7);
        Refused("Tls:RevocationMode must be NoCheck, Online or Offline but is 7", tls => tls.RevocationMode = (X509RevocationMode)7);
        Refused("Tls:ReloadInterval must be between 00:00:01 and 1.00:00:00 but is 00:00:00", tls => tls.ReloadInterval = TimeSpan.Zero);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void ClientCertificates_DemandedOfWhoeverBoughtOne_AreRefused()
    {
        Refused("Tls:ClientCertificateMode is RequireCertificate, but TrustedCertificatesPath is not set, so that everybody", tls =>
        {
            (tls.Listener, tls.Certificate.Path) = (true, "tls.crt");
            tls.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        });
    }

    private static void Refused(string problem, Action<ReplicatedCacheTlsOptions> configure) =>
        Assert.Contains(Problems(configure), p => p.StartsWith("ReplicatedCache:" + problem, StringComparison.Ordinal));

    private static List<string> Problems(Action<ReplicatedCacheTlsOptions> configure)
    {
        var options = new ReplicatedCacheOptions();
        configure(options.Tls);
        CacheRegistration.Add(new ServiceCollection(), string.Empty, out CacheRegistration registration);
        return [.. new OptionsValidator(registration).Validate(string.Empty, options).Failures ?? []];
    }
}
