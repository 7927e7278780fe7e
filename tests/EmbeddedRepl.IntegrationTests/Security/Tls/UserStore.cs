using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>Certificates in the store of the current user, under a subject of one test alone; they are gone when this is disposed of.</summary>
internal sealed class UserStore : IDisposable
{
    private readonly List<(StoreName Store, X509Certificate2 Certificate)> _added = [];

    /// <summary>A name that no other certificate has.</summary>
    public string Subject { get; } = $"embeddedrepl-test-{Guid.NewGuid():N}";

    /// <summary>Installs a certificate.</summary>
    /// <param name="certificate">With its key.</param>
    /// <param name="store">Where.</param>
    /// <param name="withKey">Whether its key comes with it.</param>
    public X509Certificate2 Add(X509Certificate2 certificate, StoreName store = StoreName.My, bool withKey = true)
    {
        // A key that was made in memory does not last in the stores of Windows.
        X509Certificate2 lasting = withKey
            ? X509CertificateLoader.LoadPkcs12(
                certificate.Export(X509ContentType.Pkcs12), password: null, X509KeyStorageFlags.UserKeySet | X509KeyStorageFlags.PersistKeySet | X509KeyStorageFlags.Exportable)
            : X509CertificateLoader.LoadCertificate(certificate.RawData);
        _added.Add((store, lasting));
        Change(store, opened => opened.Add(lasting));
        return certificate;
    }

    public static void Remove(X509Certificate2 certificate) => Change(StoreName.My, opened => opened.Remove(certificate));

    public void Dispose()
    {
        foreach ((StoreName store, X509Certificate2 certificate) in _added)
        {
            Change(store, opened => opened.Remove(certificate));
            certificate.Dispose();
        }
    }

    private static void Change(StoreName name, Action<X509Store> change)
    {
        try
        {
            using X509Store store = new(name, StoreLocation.CurrentUser);
            store.Open(OpenFlags.ReadWrite);
            change(store);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"The certificate store {name} of the current user cannot be written. On Linux it is a folder in the home directory ('{Environment.GetEnvironmentVariable("HOME")}'), which must exist and be writable: {exception.Message}",
                exception);
        }
    }
}
