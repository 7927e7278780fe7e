using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;

namespace EmbeddedRepl;

/// <summary>
/// Where a node's own TLS certificate is: in a file, in a store of the machine, or in code. Names are those of Kestrel's configuration. At most one of <see cref="Path"/>,
/// <see cref="Thumbprint"/>, <see cref="Subject"/> and <see cref="UseSelector"/>.
/// </summary>
public sealed class ReplicatedCacheCertificateOptions
{
    /// <summary>
    /// A PEM file with the certificate, followed by those between it and its root, or a PFX file. It is looked at every <see cref="ReplicatedCacheTlsOptions.ReloadInterval"/>; one that cannot be used leaves the
    /// former certificate in use, with a warning.
    /// </summary>
    /// <value>Default null.</value>
    public string? Path { get; set; }

    /// <summary>The PEM file with the private key, if it is not in <see cref="Path"/>.</summary>
    /// <value>Default null.</value>
    public string? KeyPath { get; set; }

    /// <summary>The password of the PFX file or of the encrypted key. Never printed.</summary>
    /// <value>Default null.</value>
    [JsonIgnore]
    public string? Password { get; set; }

    /// <summary>The SHA-1 thumbprint of a certificate in the store, in 40 hexadecimal digits; colons and spaces between them do not matter. The certificate needs its private key there.</summary>
    /// <value>Default null.</value>
    public string? Thumbprint { get; set; }

    /// <summary>
    /// Part of the subject of a certificate in the store, such as <c>cache.internal</c> or <c>CN=cache.internal</c>. Of several that have their private key there, one of exactly this name is taken before one
    /// where it is only a part; of these, one whose extended key usage permits what this node needs it for; then one that is valid already, for longest, and of those the newest. The store is looked at every
    /// <see cref="ReplicatedCacheTlsOptions.ReloadInterval"/>; so a renewed one is found.
    /// </summary>
    /// <value>Default null.</value>
    public string? Subject { get; set; }

    /// <summary>The store.</summary>
    /// <value>Default <c>My</c>.</value>
    public string Store { get; set; } = nameof(StoreName.My);

    /// <summary>Whose store.</summary>
    /// <value>Default <see cref="StoreLocation.CurrentUser"/>.</value>
    public StoreLocation Location { get; set; } = StoreLocation.CurrentUser;

    /// <summary>The code that selects a certificate; null without any.</summary>
    internal Func<X509Certificate2?>? Selector { get; private set; }

    /// <summary>Whether anything says where the certificate is.</summary>
    internal bool IsSet => Path is not null || Thumbprint is not null || Subject is not null || Selector is not null;

    /// <summary>
    /// Lets code select the certificate, anew for each handshake. Called on threads of this library, for several connections at a time; what it throws, or null, fails that handshake. Return the same object
    /// as long as it is the same certificate, and do not dispose of one that was returned.
    /// </summary>
    /// <param name="select">Returns a certificate with its private key.</param>
    public void UseSelector(Func<X509Certificate2?> select)
    {
        ArgumentNullException.ThrowIfNull(select);
        Selector = select;
    }
}
