using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>Strangers at a listener with TLS: bounded like all others, and without a way around certificate and password.</summary>
public class TlsStrangerTests
{
    private const int MaxStrangers = 64;

    [Fact]
    [Trait("Behaviour", "F7")]
    [Trait("Behaviour", "F3")]
    public void Master_FloodedWithTlsHandshakesThatNeverEnd_HoldsFewOfThemAndStillServesAReplica()
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(
            options =>
            {
                files.Listener(options);
                options.Password = "right";
                options.HandshakeTimeout = TimeSpan.FromSeconds(1);
            },
            log);
        master.Set("k", [1]);
        byte[] hello = ClientHello();
        List<Socket> strangers = [];
        List<SslStream> silent = [];
        TestNode? replica = null;
        try
        {
            for (int i = 0; i < 300; i++)
            {
                // A part of them sends the beginning of a handshake, a part all of it and then nothing, a part nothing at all.
                if (i % 10 == 9)
                {
                    silent.Add(TlsFiles.Connect(master.EndPoint));
                }
                else
                {
                    Socket socket = StrangerSocket.Connect(master.EndPoint);
                    strangers.Add(socket);
                    socket.Send(hello, 0, i % 3 == 0 ? 0 : i % hello.Length, SocketFlags.None);
                }

                Assert.InRange(master.Node.Runtime.Strangers.Count, 0, MaxStrangers);
                if (i == 150)
                {
                    replica = TestNode.Replica(master.EndPoint, options =>
                    {
                        files.Link(options);
                        options.Password = "right";
                    });
                }
            }

            replica!.WaitForStreaming().WaitUntilEqualTo(master);
            master.WaitUntil(() => master.Node.Runtime.OpenSessions == 1, () => $"only the replica is left: {master.Node.Runtime.OpenSessions}");
            Assert.Equal(1, master.Info.SyncFull);
            Assert.True(log.Contains("HandshakeTimeout") && log.Contains("TooManyConnections"), log.Text);
        }
        finally
        {
            replica?.Dispose();
            strangers.ForEach(socket => socket.Dispose());
            silent.ForEach(stream => stream.Dispose());
        }
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Stranger_TricklesATlsHandshake_IsCutOffByTheTotalTime()
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(
            options =>
            {
                files.Listener(options);
                options.HandshakeTimeout = TimeSpan.FromMilliseconds(300);
            },
            log);
        byte[] hello = ClientHello();
        using Socket socket = StrangerSocket.Connect(master.EndPoint);

        int sent = 0;
        while (!StrangerSocket.IsOver(socket))
        {
            // Never the last byte: the handshake goes on for as long as it is let.
            try
            {
                socket.Send(hello, Math.Min(sent++, hello.Length - 2), 1, SocketFlags.None);
            }
            catch (SocketException)
            {
                break;
            }

            Thread.Sleep(1);
        }

        master.WaitUntil(() => master.Node.Runtime.OpenSessions == 0, () => "it is gone");
        master.FlushLog();
        Assert.True(log.Contains("HandshakeTimeout") || log.Contains("TlsFailed"), log.Text);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Handshake_TruncatedAfterEveryByte_LeavesTheMasterAsItWas()
    {
        using var files = new TlsFiles();
        using TestNode master = TestNode.Master(options => files.Listener(options));
        master.Set("k", [1]);
        byte[] hello = ClientHello();
        for (int length = 0; length <= hello.Length; length++)
        {
            using Socket socket = StrangerSocket.Connect(master.EndPoint);
            socket.Send(hello, 0, length, SocketFlags.None);
            socket.Shutdown(SocketShutdown.Send);
        }

        using TestNode replica = TestNode.Replica(master.EndPoint, options => files.Link(options)).WaitForStreaming();
        replica.WaitUntilEqualTo(master);
        master.WaitUntil(() => master.Node.Runtime.OpenSessions == 1, () => $"only the replica is left: {master.Node.Runtime.OpenSessions}");
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Stranger_WithAnEndlessHandshake_IsCutByItsSize()
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(
            options =>
            {
                files.Listener(options);
                options.HandshakeTimeout = TimeSpan.FromMinutes(5);
            },
            log);
        using Socket socket = StrangerSocket.Connect(master.EndPoint);

        // The longest handshake message that can be announced, record by record.
        byte[] record = new byte[5 + 16_384];
        new byte[] { 22, 3, 1, 64, 0 }.CopyTo(record, 0);
        new byte[] { 1, 255, 255, 255 }.CopyTo(record, 5);
        try
        {
            for (int i = 0; i < 100 && !StrangerSocket.IsOver(socket); i++)
            {
                socket.Send(record);
                record.AsSpan(5).Clear();
            }
        }
        catch (SocketException)
        {
            // Cut off already.
        }

        // The buffers of the system may have taken everything before the master accepts: that nobody is there says nothing yet.
        master.WaitUntil(() => log.Contains("Warning 1111", "TlsFailed"), () => log.Text);
        master.WaitUntil(() => master.Node.Runtime.OpenSessions == 0, () => "it is gone");
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Replica_WithAHugeChainOfCertificates_IsCutByItsSize()
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(
            options =>
            {
                files.Listener(options);
                files.DemandClientCertificate(options);
            },
            log);
        X509Certificate2Collection chain = [];
        TestAuthority issuer = files.Authority;
        for (int i = 0; i < 80; i++)
        {
            // Few enough for the client's own runtime, which takes 100.
            issuer = issuer.Intermediate($"Intermediate {i} {new string('x', 500)}");
            chain.Add(issuer.Certificate);
        }

        using X509Certificate2 own = issuer.Issue(["replica"]);
        Exception? thrown = Record.Exception(() =>
        {
            using SslStream stream = TlsFiles.Connect(
                master.EndPoint, options => options.ClientCertificateContext = SslStreamCertificateContext.Create(own, chain, offline: true));
            while (stream.ReadByte() >= 0)
            {
            }
        });

        master.WaitUntil(() => master.Info.LastHandshakeRefusal is not null, () => log.Text + thrown);
        Assert.Contains("TlsFailed", master.Info.LastHandshakeRefusal, StringComparison.Ordinal);
        master.WaitUntil(() => master.Node.Runtime.OpenSessions == 0, () => "it is gone");
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Stranger_WhoseCertificateIsGone_CannotComeBackByResumption()
    {
        using var files = new TlsFiles();
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(
            options =>
            {
                files.Listener(options);
                files.DemandClientCertificate(options);
            },
            log);
        using X509Certificate2 right = files.Authority.Issue(["replica"]);
        SslStreamCertificateContext context = SslStreamCertificateContext.Create(right, [], offline: true);
        foreach (SslProtocols protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            using (SslStream first = TlsFiles.Connect(master.EndPoint, options => (options.ClientCertificateContext, options.EnabledSslProtocols) = (context, protocol)))
            {
                first.Write([0]);
            }

            // The same client as far as its session cache knows, without the certificate.
            using SslStream second = TlsFiles.Connect(master.EndPoint, options => options.EnabledSslProtocols = protocol);
            while (second.ReadByte() >= 0)
            {
            }
        }

        master.FlushLog();
        Assert.True(log.Count("The replica showed no certificate") > 0, log.Text);
        Assert.Contains("CertificateRefused", master.Info.LastHandshakeRefusal, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("xn--ls8h.example")]
    [InlineData("a.very.long.name.that.goes.on.and.on.and.on.and.on.and.on.and.on.and.on.and.on.and.on.and.on.and.on.and.on.and.on.and.on.and.on.and.on")]
    [InlineData("nobody's name")]
    [InlineData("")]
    public void Stranger_AskingForAnOddName_IsShownTheOneCertificate(string name)
    {
        using var files = new TlsFiles();
        using X509Certificate2 certificate = files.Write(files.Authority.Issue(["localhost"]), "master");
        using TestNode master = TestNode.Master(options => files.Listener(options, "master"));

        using SslStream stream = TlsFiles.Connect(master.EndPoint, options => options.TargetHost = name);

        Assert.Equal(certificate.Thumbprint, new X509Certificate2(stream.RemoteCertificate!).Thumbprint);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Stranger_OfferingOldTls_IsRefused()
    {
        using var files = new TlsFiles();
        using TestNode master = TestNode.Master(options => files.Listener(options));

        // The record of an old ClientHello, written by hand: the runtime of the test may not offer it any more.
        byte[] hello = [22, 3, 1, 0, 47, 1, 0, 0, 43, 3, 2, .. new byte[32], 0, 0, 4, 0, 47, 0, 53, 1, 0];
        using Socket socket = StrangerSocket.Connect(master.EndPoint);
        socket.Send(hello);

        master.WaitFor(info => info.LastHandshakeRefusal?.Contains("TlsFailed", StringComparison.Ordinal) == true, "it is refused");
        Assert.Equal(0, master.Info.SyncFull);
    }

    /// <summary>What a client says first.</summary>
    private static byte[] ClientHello()
    {
        byte[] hello = [];
        using var listener = new TestListener(connection =>
        {
            using (connection)
            {
                byte[] buffer = new byte[4096];
                hello = buffer[..connection.Read(buffer)];
            }
        });
        Assert.ThrowsAny<Exception>(() => TlsFiles.Connect(listener.EndPoint.ToString()));
        return hello;
    }
}
