using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>What a node's connections are to be wrapped in. Validated; immutable.</summary>
internal sealed record TlsSettings
{
    /// <summary>No TLS at all.</summary>
    public static readonly TlsSettings Off = new();

    /// <summary>Whether connections that come in must speak TLS; then <see cref="Certificate"/> is set.</summary>
    public bool Listener { get; init; }

    /// <summary>Whether connections that go out speak TLS.</summary>
    public bool Link { get; init; }

    /// <summary>Whether any connection speaks TLS.</summary>
    public bool IsOn => Listener || Link;

    /// <summary>This node's own certificate, shown to replicas, and to a master that asks for one; null for none.</summary>
    public CertificateLocation? Certificate { get; init; }

    /// <summary>A PEM file with the certificates that are trusted as roots; null for those of the machine.</summary>
    public string? TrustedCertificatesPath { get; init; }

    /// <summary>Decides instead of the built-in rules, which it is told the outcome of; null for those rules.</summary>
    public Func<X509Certificate2, X509Chain?, SslPolicyErrors, bool>? PeerValidation { get; init; }

    /// <summary>The name that a master's certificate must have; null for the host that is connected to.</summary>
    public string? ServerName { get; init; }

    public ClientCertificates ClientCertificates { get; init; }

    /// <summary>How often files and stores are looked at.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(10);

    public X509RevocationMode RevocationMode { get; init; } = X509RevocationMode.NoCheck;
}
