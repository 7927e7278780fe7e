using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>An authority with the files of a cluster, and the options that lead to them.</summary>
internal sealed class TlsFiles : IDisposable
{
    private readonly TempFolder _folder = new();

    public TlsFiles()
    {
        File.WriteAllText(_folder["ca.crt"], Authority.Pem);
        Write(Authority.Issue(["localhost", "127.0.0.1"]));
    }

    public TestAuthority Authority { get; } = new();

    public string this[string name] => _folder[name];

    /// <summary>Replaces the certificate of the node <paramref name="name"/>.</summary>
    public X509Certificate2 Write(X509Certificate2 certificate, string name = "node", TestAuthority? authority = null)
    {
        (authority ?? Authority).Write(certificate, _folder[name + ".crt"], _folder[name + ".key"]);
        return certificate;
    }

    public void Listener(ReplicatedCacheOptions options, string name = "node")
    {
        options.Tls.Listener = true;
        Certificate(options, name);
    }

    public void Link(ReplicatedCacheOptions options)
    {
        options.Tls.Link = true;
        options.Tls.TrustedCertificatesPath = _folder["ca.crt"];
    }

    public void Certificate(ReplicatedCacheOptions options, string name = "node")
    {
        options.Tls.Certificate.Path = _folder[name + ".crt"];
        options.Tls.Certificate.KeyPath = _folder[name + ".key"];
    }

    public void DemandClientCertificate(ReplicatedCacheOptions options, ClientCertificateMode mode = ClientCertificateMode.RequireCertificate)
    {
        options.Tls.ClientCertificateMode = mode;
        options.Tls.TrustedCertificatesPath = _folder["ca.crt"];
    }

    /// <summary>Connects as a TLS client that trusts everybody; what it is shown is the result's remote certificate.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "A stranger does not mind whom it talks to.")]
    public static SslStream Connect(string endPoint, Action<SslClientAuthenticationOptions>? configure = null)
    {
        HostEndPoint target = HostEndPoint.Parse(endPoint);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = (int)TestNode.Patience.TotalMilliseconds };
        socket.Connect(target.Host, target.Port);
        SslStream ssl = new(new NetworkStream(socket, ownsSocket: true));
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
        configure?.Invoke(options);
        try
        {
            ssl.AuthenticateAsClient(options);
            return ssl;
        }
        catch
        {
            ssl.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Authority.Dispose();
        _folder.Dispose();
    }
}
