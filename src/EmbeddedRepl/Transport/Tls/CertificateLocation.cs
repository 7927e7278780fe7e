using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>Where a node's own certificate comes from: a file (and perhaps another one for its key), the machine's store, or code. Exactly one of them.</summary>
internal sealed record CertificateLocation
{
    public string? Path { get; init; }

    public string? KeyPath { get; init; }

    public string? Password { get; init; }

    public string? Thumbprint { get; init; }

    public string? Subject { get; init; }

    public string Store { get; init; } = nameof(StoreName.My);

    public StoreLocation StoreLocation { get; init; } = StoreLocation.CurrentUser;

    public Func<X509Certificate2?>? Selector { get; init; }

    /// <summary>Where it is, for messages; without the password.</summary>
    public override string ToString() =>
        Selector is not null ? "the certificate that the application selects"
        : Path is not null ? KeyPath is null ? Path : $"{Path} and {KeyPath}"
        : $"the certificate store {StoreLocation}/{Store}";
}
