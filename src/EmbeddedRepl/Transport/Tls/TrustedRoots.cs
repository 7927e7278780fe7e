using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>The certificates that peers must descend from: those of a file, or those of the machine. Thread-safe.</summary>
internal sealed class TrustedRoots
{
    /// <summary>How long one fetch of a revocation list may take.</summary>
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(3);

    private readonly string? _path;
    private readonly WatchedFiles<X509Certificate2Collection>? _file;

    /// <param name="path">A PEM file; null for the roots of the machine.</param>
    /// <exception cref="TlsSettingException">It cannot be loaded.</exception>
    public TrustedRoots(string? path)
    {
        _path = path;
        if (path is not null)
        {
            _file = new WatchedFiles<X509Certificate2Collection>([("TrustedCertificatesPath", path)], Load);
        }
    }

    public TlsNotice? Refresh()
    {
        string? problem = null;
        bool isNew = _file?.Refresh(out problem) ?? false;
        return isNew || problem is not null ? new TlsNotice(_path!, problem, null) : null;
    }

    /// <summary>The rules for one handshake; a new object each time, because the handshake changes it.</summary>
    public X509ChainPolicy MakePolicy(X509RevocationMode revocation)
    {
        X509ChainPolicy policy = new()
        {
            RevocationMode = revocation,
            RevocationFlag = X509RevocationFlag.ExcludeRoot,
            UrlRetrievalTimeout = FetchTimeout,

            // A peer sends its chain. What is missing is not fetched from addresses that a stranger's certificate names.
            DisableCertificateDownloads = true,
        };
        if (_file is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_file.Current);
        }

        return policy;
    }

    private X509Certificate2Collection Load(byte[][] contents)
    {
        X509Certificate2Collection roots = [];
        roots.ImportFromPem(Encoding.UTF8.GetString(contents[0]));
        return roots.Count > 0 ? roots : throw new CryptographicException("it holds no certificate in PEM form");
    }
}
