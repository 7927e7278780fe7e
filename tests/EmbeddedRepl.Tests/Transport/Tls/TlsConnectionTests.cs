using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;
using EmbeddedRepl.Transport.Tls;

namespace EmbeddedRepl.Tests.Transport.Tls;

/// <summary>A TLS connection from several threads at once, as its owner uses it.</summary>
public sealed class TlsConnectionTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;
    private readonly TcpTransportListener _listener = TcpTransportListener.Open(HostEndPoint.Parse("127.0.0.1:0"))[0];

    public TlsConnectionTests() => _certificate = _authority.Issue(["127.0.0.1"]);

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
        _authority.Dispose();
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Connection_ReadAndWrittenAtBothEndsAtOnce_BringsEveryByte()
    {
        using Pair pair = Open();
        byte[] bytes = new byte[8 << 20];
        new Random(5).NextBytes(bytes);

        BackgroundCall[] calls =
        [
            new(() => Write(pair.Client, bytes)),
            new(() => Write(pair.Server, bytes)),
            new(() => Assert.Equal(bytes, ReadToEnd(pair.Client))),
            new(() => Assert.Equal(bytes, ReadToEnd(pair.Server))),
        ];

        Assert.All(calls, call => Assert.Null(call.Join()));
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Write_OfNothingAfterTheEnd_IsNoErrorAndTheLastWordsArrive()
    {
        using Pair pair = Open();
        pair.Server.Write("last words"u8);
        pair.Server.FinishWriting();

        // A thread that finds nothing to send may come after the one that sent the end.
        pair.Server.Write([]);

        Assert.Equal("last words"u8.ToArray(), ReadToEnd(pair.Client));
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData(false)]
    [InlineData(true)]
    public void Abort_WhileBothDirectionsWait_EndsEveryCallWithAnIOException(bool disposes)
    {
        for (int round = 0; round < 50; round++)
        {
            using Pair pair = Open();
            byte[] bytes = new byte[1 << 20];
            var reader = new BackgroundCall(() => pair.Server.Read(new byte[10]));

            // The client never reads: the write ends only by the abort.
            var writer = new BackgroundCall(() =>
            {
                while (true)
                {
                    pair.Server.Write(bytes);
                }
            });
            Thread.Sleep(round % 5);

            pair.Server.Abort();
            if (disposes)
            {
                // Not allowed to the owner, who waits for its threads; no worse than an exception all the same.
                pair.Server.Dispose();
            }

            Assert.IsType<IOException>(reader.Join());
            Assert.IsType<IOException>(writer.Join());
        }
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData(true)]
    [InlineData(false)]
    public void Abort_WhileTheHandshakeWaits_EndsIt(bool isServer)
    {
        using IConnection raw = new TcpConnector().Connect(HostEndPoint.From(_listener.LocalEndPoint), Patience);
        using IConnection accepted = _listener.Accept();
        IConnection connection = isServer ? Transport().Accepted(accepted) : Transport().Outgoing(raw, HostEndPoint.From(_listener.LocalEndPoint));
        var open = new BackgroundCall(connection.Open);
        Thread.Sleep(20);

        connection.Abort();

        Assert.IsType<IOException>(open.Join());
        Assert.IsType<IOException>(Record.Exception(() => connection.Write([1])));
        Assert.IsType<IOException>(Record.Exception(() => connection.Read(new byte[1])));
    }

    private static void Write(IConnection connection, byte[] bytes)
    {
        var random = new Random(6);
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(bytes.Length - at, random.Next(1, 200_000));
            connection.Write(bytes.AsSpan(at, length));
            at += length;
        }

        connection.FinishWriting();
    }

    private static byte[] ReadToEnd(IConnection connection)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[50_000];
        while (connection.Read(buffer) is > 0 and var count)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private TlsTransport Transport() => new(
        new TlsSettings
        {
            Listener = true,
            Link = true,
            Certificate = new CertificateLocation { Selector = () => _certificate },
            PeerValidation = (certificate, _, _) => certificate.Thumbprint == _certificate.Thumbprint,
        },
        TimeProvider.System);

    private Pair Open()
    {
        TlsTransport transport = Transport();
        HostEndPoint target = HostEndPoint.From(_listener.LocalEndPoint);
        IConnection client = transport.Outgoing(new TcpConnector().Connect(target, Patience), target);
        IConnection server = transport.Accepted(_listener.Accept());
        var open = new BackgroundCall(client.Open);
        server.Open();
        Assert.Null(open.Join());
        return new Pair(client, server);
    }

    private sealed record Pair(IConnection Client, IConnection Server) : IDisposable
    {
        public void Dispose()
        {
            Client.Abort();
            Server.Abort();
            Client.Dispose();
            Server.Dispose();
        }
    }
}
