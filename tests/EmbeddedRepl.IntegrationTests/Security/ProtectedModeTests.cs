using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.IntegrationTests.Security;

public class ProtectedModeTests
{
    [Theory]
    [Trait("Behaviour", "F4")]
    [InlineData("127.0.0.1:0")]
    [InlineData("0.0.0.0:0")]
    [InlineData("*:0")]
    public void Master_ForeignPeerAndNoPassword_RefusesAndSaysWhatToSet(string listen)
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Start(
            options =>
            {
                options.Role = ReplicationRole.Master;
                options.Listen.Add(listen);
            },
            log);
        master.Set("k", [1]);
        using TestListener foreigners = ForeignersOf(master);
        using TestNode replica = TestNode.Replica(foreigners.EndPoint.ToString());

        replica.WaitFor(info => info.LinkDownReason?.Contains("Protected mode", StringComparison.Ordinal) == true, "it is refused");

        Assert.Contains("Set Password", replica.Info.LinkDownReason, StringComparison.Ordinal);
        Assert.Contains("ProtectedMode to false", replica.Info.LinkDownReason, StringComparison.Ordinal);
        master.WaitUntil(() => log.Contains("Warning 1111", "Set Password", "ProtectedMode to false"), () => log.Text);
        Assert.False(replica.Info.IsReady);
    }

    [Theory]
    [Trait("Behaviour", "F4")]
    [InlineData(null, false)]
    [InlineData("right", true)]
    public void Master_ForeignPeerAndPasswordOrProtectedModeOff_Serves(string? password, bool protectedMode)
    {
        using TestNode master = TestNode.Master(options =>
        {
            options.Password = password;
            options.ProtectedMode = protectedMode;
        });
        master.Set("k", [1]);
        using TestListener foreigners = ForeignersOf(master);
        using TestNode replica = TestNode.Replica(foreigners.EndPoint.ToString(), options => options.MasterPassword = password);

        replica.WaitForStreaming().WaitUntilEqualTo(master);
    }

    [Fact]
    [Trait("Behaviour", "F4")]
    public void Master_ReachedByAnAddressOfTheMachineThatIsNotLoopback_Refuses()
    {
        // A machine without a network has no such address; the tests above do not depend on one.
        foreach (IPAddress address in OwnAddresses())
        {
            using TestNode master = TestNode.Start(options =>
            {
                options.Role = ReplicationRole.Master;
                options.Listen.Add("*:0");
            });
            int port = HostEndPoint.Parse(master.EndPoint).Port;
            using TestNode foreigner = TestNode.Replica(new HostEndPoint(address.ToString(), port).ToString());
            using TestNode local = TestNode.Replica($"127.0.0.1:{port}");

            foreigner.WaitFor(info => info.LinkDownReason?.Contains("Protected mode", StringComparison.Ordinal) == true, $"{address} is refused");
            local.WaitForStreaming();
        }
    }

    [Fact]
    [Trait("Behaviour", "F4")]
    public async Task Host_ProtectedModeOffAndNoPassword_WarnsInTheLog()
    {
        using var log = new TraceLog();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ReplicatedCache:Role"] = "Master",
            ["ReplicatedCache:Listen:0"] = "127.0.0.1:0",
            ["ReplicatedCache:ProtectedMode"] = "false",
        });
        builder.Logging.AddProvider(log);
        builder.Services.AddReplicatedCache();
        using IHost host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();

        Assert.True(log.Contains("Warning", "Protected mode is off", "127.0.0.1:0"), log.Text);
    }

    /// <summary>Hands its connections to the master as if they came from another machine.</summary>
    private static TestListener ForeignersOf(TestNode master) =>
        new(connection => master.Node.Runtime.RunSession(new TestConnection(connection, isForeign: true)));

    private static IEnumerable<IPAddress> OwnAddresses() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(address => address.Address)
        .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
        .Take(1);
}
