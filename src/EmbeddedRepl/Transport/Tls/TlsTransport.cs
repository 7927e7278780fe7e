using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>
/// Wraps the connections of a node in TLS, as its settings say, with the certificates as they are at the moment of each handshake. Thread-safe. Connections that exist
/// keep what they were opened with.
/// </summary>
internal sealed class TlsTransport
{
    /// <summary>Without TLS.</summary>
    public static readonly TlsTransport Off = new(TlsSettings.Off, TimeProvider.System);

    private readonly ICertificateSource? _certificate;
    private readonly TrustedRoots _roots;

    /// <summary>Loads what the settings name.</summary>
    /// <param name="settings">Validated.</param>
    /// <param name="time">Tells which of several certificates in a store is valid.</param>
    /// <exception cref="TlsSettingException">Something cannot be loaded; the message names the setting.</exception>
    public TlsTransport(TlsSettings settings, TimeProvider time)
    {
        Settings = settings;
        _certificate = !settings.IsOn || settings.Certificate is not { } location ? null
            : location.Selector is { } selector ? new SelectedCertificateSource(selector)
            : location.Path is not null ? new FileCertificateSource(location)
            : new StoreCertificateSource(location, UseOf(settings), time);
        _roots = new TrustedRoots(settings.IsOn ? settings.TrustedCertificatesPath : null);
    }

    public TlsSettings Settings { get; }

    /// <summary>The own certificate that was last used or loaded; null without one.</summary>
    public OwnCertificate? Certificate => _certificate?.Known;

    /// <summary>Wraps a connection that came in, if the listener speaks TLS. No handshake yet: see <see cref="IConnection.Open"/>.</summary>
    public IConnection Accepted(IConnection connection) => Settings.Listener ? TlsConnection.Accepted(connection, this) : connection;

    /// <summary>Wraps a connection to a master, if the link speaks TLS. No handshake yet: see <see cref="IConnection.Open"/>.</summary>
    /// <param name="connection">An open one.</param>
    /// <param name="target">What was connected to.</param>
    public IConnection Outgoing(IConnection connection, HostEndPoint target) =>
        Settings.Link ? TlsConnection.Outgoing(connection, this, Settings.ServerName ?? target.Host) : connection;

    /// <summary>Looks whether certificates were renewed. Reads files; one thread at a time.</summary>
    /// <returns>What happened that somebody should know.</returns>
    public IReadOnlyList<TlsNotice> Refresh() => [.. new[] { _certificate?.Refresh(), _roots.Refresh() }.OfType<TlsNotice>()];

    /// <exception cref="TlsSettingException">The application selects no certificate.</exception>
    [SuppressMessage("Security", "CA5398", Justification = "What is older than TLS 1.2 is to be refused whatever the machine allows.")]
    internal SslServerAuthenticationOptions ServerOptions(RemoteCertificateValidationCallback verify) => new()
    {
        ServerCertificateContext = _certificate!.Current.Context,
        ClientCertificateRequired = Settings.ClientCertificates != ClientCertificates.None,
        RemoteCertificateValidationCallback = verify,
        CertificateChainPolicy = _roots.MakePolicy(Settings.RevocationMode),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,

        // Links are few and last long. Without resumption every one of them shows its certificate anew, and a removed one is of no use.
        AllowTlsResume = false,
        AllowRenegotiation = false,
    };

    /// <exception cref="TlsSettingException">The application selects no certificate.</exception>
    [SuppressMessage("Security", "CA5398", Justification = "What is older than TLS 1.2 is to be refused whatever the machine allows.")]
    internal SslClientAuthenticationOptions ClientOptions(string serverName, RemoteCertificateValidationCallback verify) => new()
    {
        TargetHost = serverName,
        ClientCertificateContext = _certificate?.Current.Context,
        RemoteCertificateValidationCallback = verify,
        CertificateChainPolicy = _roots.MakePolicy(Settings.RevocationMode),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        AllowTlsResume = false,
        AllowRenegotiation = false,
    };

    private static CertificateUse UseOf(TlsSettings settings) =>
        (settings.Listener ? CertificateUse.Listener : CertificateUse.None) | (settings.Link ? CertificateUse.Link : CertificateUse.None);
}
