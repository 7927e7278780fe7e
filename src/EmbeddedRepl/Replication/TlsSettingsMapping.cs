using EmbeddedRepl.Transport.Tls;

namespace EmbeddedRepl.Replication;

/// <summary>Turns validated options into what the transport needs to know.</summary>
internal static class TlsSettingsMapping
{
    public static TlsSettings ToTlsSettings(this ReplicatedCacheTlsOptions options) => new()
    {
        Listener = options.Listener,
        Link = options.Link,
        Certificate = options.Certificate.IsSet ? ToLocation(options.Certificate) : null,
        TrustedCertificatesPath = options.TrustedCertificatesPath,
        PeerValidation = options.PeerValidation,
        ServerName = options.ServerName,
        ClientCertificates = options.ClientCertificateMode switch
        {
            ClientCertificateMode.AllowCertificate => ClientCertificates.Accepted,
            ClientCertificateMode.RequireCertificate => ClientCertificates.Required,
            _ => ClientCertificates.None,
        },
        RevocationMode = options.RevocationMode,
        ReloadInterval = options.ReloadInterval,
    };

    private static CertificateLocation ToLocation(ReplicatedCacheCertificateOptions options) => new()
    {
        Path = options.Path,
        KeyPath = options.KeyPath,
        Password = options.Password,
        Thumbprint = options.Thumbprint is { } thumbprint ? CertificateThumbprint.Normalize(thumbprint) ?? thumbprint : null,
        Subject = options.Subject,
        Store = options.Store,
        StoreLocation = options.Location,
        Selector = options.Selector,
    };
}
