using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Security;

public class AddressTests
{
    [Theory]
    [Trait("Behaviour", "F6")]
    [InlineData("localhost:0", "localhost")]
    [InlineData("127.0.0.1:0", "localhost")]
    [InlineData("*:0", "127.0.0.1")]
    [InlineData("[::1]:0", "::1")]
    [InlineData("*:0", "::1")]
    public void Replica_AddressOfEitherFamilyOrAName_Follows(string listen, string host)
    {
        if (!Socket.OSSupportsIPv6 && (listen + host).Contains("::", StringComparison.Ordinal))
        {
            return; // The machine has no IPv6; the other cases are the whole truth there.
        }

        using TestNode master = TestNode.Start(options =>
        {
            options.Role = ReplicationRole.Master;
            options.Listen.Add(listen);
        });
        master.Set("k", [1]);
        int port = HostEndPoint.Parse(master.EndPoint).Port;

        using TestNode replica = TestNode.Replica(new HostEndPoint(host, port).ToString());

        replica.WaitForStreaming().WaitUntilEqualTo(master);
    }

    [Theory]
    [Trait("Behaviour", "F6")]
    [InlineData("cache-1.example.com", 7400, "cache-1.example.com:7400", "ip=cache-1.example.com,port=7400,")]
    [InlineData("2001:db8::7", 7400, "[2001:db8::7]:7400", "ip=2001:db8::7,port=7400,")]
    [InlineData(null, 7400, "127.0.0.1:7400", "ip=127.0.0.1,port=7400,")]
    public void Replica_AnnouncesAnAddress_IsListedUnderItAtItsMaster(string? host, int port, string address, string redis)
    {
        using TestNode master = TestNode.Master();
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options => (options.AnnouncedHost, options.AnnouncedPort) = (host, port)).WaitForStreaming();

        replica.WaitUntilEqualTo(master);
        ReplicationInfo info = master.Info;
        Assert.Equal(address, Assert.Single(info.Replicas).Address);
        Assert.Contains("slave0:" + redis, info.ToRedisText(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "F6")]
    public void Replica_NameWithSeveralAddressesOfWhichTheFirstIsDead_FollowsAtTheNext()
    {
        using TestNode master = TestNode.Master();
        master.Set("k", [1]);
        List<string> asked = [];
        var connector = new TcpConnector(name =>
        {
            asked.Add(name);

            // Nothing listens at the first: the master takes its port at 127.0.0.1 alone.
            return [IPAddress.Parse("127.0.0.9"), IPAddress.Loopback];
        });

        using TestNode replica = TestNode.Replica($"cache.internal:{HostEndPoint.Parse(master.EndPoint).Port}", connector: connector);

        replica.WaitForStreaming().WaitUntilEqualTo(master);
        Assert.Equal((0, "cache.internal"), (replica.Info.LinkFailures, Assert.Single(asked)));
    }

    [Fact]
    [Trait("Behaviour", "F6")]
    public void Master_SeveralListenAddresses_AcceptsAtEach()
    {
        using TestNode master = TestNode.Start(options =>
        {
            options.Role = ReplicationRole.Master;
            options.Listen.Add("127.0.0.1:0");
            options.Listen.Add("127.0.0.2:0");
        });
        master.Set("k", [1]);

        Assert.Equal(2, master.Info.ListenEndPoints.Count);
        foreach (string endPoint in master.Info.ListenEndPoints)
        {
            using TestNode replica = TestNode.Replica(endPoint);
            replica.WaitForStreaming().WaitUntilEqualTo(master);
        }
    }
}
