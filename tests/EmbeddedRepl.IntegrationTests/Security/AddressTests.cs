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
