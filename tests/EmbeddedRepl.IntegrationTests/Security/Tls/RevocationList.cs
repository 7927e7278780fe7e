using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>An authority's list of revoked certificates, at an address that its certificates name.</summary>
internal sealed class RevocationList : IDisposable
{
    /// <summary>Where .NET keeps lists that it fetched, on Linux.</summary>
    private static readonly string Kept = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet", "corefx", "cryptography", "crls");

    private readonly HttpListener _listener = new();
    private readonly Thread _thread;
    private readonly string _address = $"http://127.0.0.1:{FreePort.Next()}/";
    private readonly ManualResetEventSlim _ended = new();
    private byte[] _content = [];
    private bool _answers = true;

    public RevocationList()
    {
        _listener.Prefixes.Add(_address);
        _listener.Start();
        _thread = new Thread(Serve) { IsBackground = true, Name = "revocation list" };
        _thread.Start();
    }

    /// <summary>How often it was asked for.</summary>
    public int Requests { get; private set; }

    /// <summary>Puts the address into a certificate.</summary>
    public void NameIn(CertificateRequest request) =>
        request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([_address + "list.crl"]));

    /// <summary>Makes the list.</summary>
    /// <param name="authority">Who signs it.</param>
    /// <param name="revoked">Who is on it.</param>
    public void Publish(TestAuthority authority, params X509Certificate2[] revoked)
    {
        CertificateRevocationListBuilder builder = new();
        foreach (X509Certificate2 certificate in revoked)
        {
            builder.AddEntry(certificate);
        }

        _content = builder.Build(authority.Certificate, 1, DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256, thisUpdate: DateTimeOffset.UtcNow.AddDays(-1));
    }

    /// <summary>From now on whoever asks waits for ever.</summary>
    public void Hang() => _answers = false;

    public void Dispose()
    {
        _ended.Set();
        _listener.Close();
        _thread.Join();
        _ended.Dispose();
        if (!Directory.Exists(Kept))
        {
            return;
        }

        foreach (string path in Directory.EnumerateFiles(Kept, "*.crl").Where(path => IsOurs(File.ReadAllBytes(path))))
        {
            File.Delete(path);
        }
    }

    private bool IsOurs(byte[] content)
    {
        string text = Encoding.ASCII.GetString(content);
        return content.AsSpan().SequenceEqual(_content)
            || (PemEncoding.TryFind(text, out PemFields fields) && Convert.FromBase64String(text[fields.Base64Data]).AsSpan().SequenceEqual(_content));
    }

    private void Serve()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = _listener.GetContext();
                Requests++;
                if (!_answers)
                {
                    _ended.Wait();
                    return;
                }

                context.Response.Close(_content, willBlock: true);
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }
    }
}
