using System.Text;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>What replication does, over TLS.</summary>
public class TlsReplicationTests
{
    private const string Secret = "a value that nobody else may read";

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData(false)]
    [InlineData(true)]
    public void Replica_OverTlsOrNot_ShowsTheNetworkNothingOrEverything(bool isEncrypted)
    {
        using var files = new TlsFiles();
        using TestNode master = TestNode.Master(options =>
        {
            if (isEncrypted)
            {
                files.Listener(options);
            }
        });
        master.Set("before", Encoding.UTF8.GetBytes(Secret));
        var network = new RecordingConnector();
        using TestNode replica = TestNode.Replica(
            master.EndPoint,
            options =>
            {
                if (isEncrypted)
                {
                    files.Link(options);
                }
            },
            connector: network).WaitForStreaming();

        replica.WaitUntilIdenticalTo(master);
        Assert.Equal(Secret, Encoding.UTF8.GetString(replica.Get("before")!));
        Assert.Equal(!isEncrypted, network.Bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)) >= 0);
        Assert.Equal(!isEncrypted, network.Bytes.AsSpan().IndexOf("before"u8) >= 0);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Chain_OverTls_SyncsFullyAndPartiallyForwardsAndIsEqual()
    {
        using var files = new TlsFiles();
        void Encrypt(ReplicatedCacheOptions options)
        {
            files.Listener(options);
            files.Link(options);
            files.DemandClientCertificate(options);
            options.Password = "right";
            options.Listen.Clear();
            options.Listen.Add("127.0.0.1:0");
            options.ReplicaWrites = ReplicaWrites.Forward;
        }

        using TestNode master = TestNode.Master(Encrypt);
        master.Fill(20_000, 100);
        master.Set("large", LargeValue(1));
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 7);
        using TestNode middle = TestNode.Replica(proxy.EndPoint.ToString(), Encrypt).WaitForStreaming();
        using TestNode leaf = TestNode.Replica(middle.EndPoint, Encrypt).WaitForStreaming();
        leaf.WaitUntilIdenticalTo(master);

        // Written at the end of the chain, and read there at once.
        leaf.Set("forwarded", LargeValue(2));
        Assert.Equal(LargeValue(2), leaf.Get("forwarded"));
        Assert.Equal(LargeValue(2), master.Get("forwarded"));

        proxy.ResetAll();
        master.Set("large", LargeValue(3));
        leaf.WaitUntilIdenticalTo(master);
        middle.WaitUntilIdenticalTo(master);
        Assert.Equal((1, 1), (master.Info.SyncFull, master.Info.SyncPartialOk));
        Assert.Equal((1, 0), (middle.Info.SyncFull, middle.Info.SyncPartialOk));
        Assert.Equal(LargeValue(3), leaf.Get("large"));
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Bytes_ChangedOnTheWay_AreFoundByTlsAndNeverApplied()
    {
        using var files = new TlsFiles();
        using TestNode master = TestNode.Master(options => files.Listener(options));
        master.Fill(2_000, 100);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 7);
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString(), options => files.Link(options)).WaitForStreaming();

        // Beyond the handshake of the next connection.
        proxy.ToClient.FlipAt = 20_000;
        proxy.ResetAll();
        master.Fill(100, 1000, "more");
        replica.WaitUntil(() => proxy.Statistics.BitsFlipped == 1, () => "a bit is flipped");
        replica.WaitFor(info => info.LinkFailures > 1, "the link breaks, too").WaitForStreaming();

        replica.WaitUntilIdenticalTo(master);
        Assert.Equal((1, 2), (master.Info.SyncFull, master.Info.SyncPartialOk));
    }

    private static byte[] LargeValue(int seed)
    {
        byte[] value = new byte[3 << 20];
        new Random(seed).NextBytes(value);
        return value;
    }
}
