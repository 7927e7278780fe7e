using EmbeddedRepl.IntegrationTests.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EmbeddedRepl.IntegrationTests.Security;

public class ListenErrorTests
{
    [Theory]
    [Trait("Behaviour", "F5")]
    [InlineData("not an address")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("[::1")]
    [InlineData("203.0.113.7:6390")]
    [InlineData("no-such-host.invalid:6390")]
    public async Task Host_ListenAddressCannotBeUsed_DoesNotStartAndNamesTheKeyAndTheAddress(string listen)
    {
        Exception error = await StartFailure(listen);

        Assert.Contains("ReplicatedCache:Listen", error.Message, StringComparison.Ordinal);
        Assert.Contains(listen, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "F5")]
    public async Task Host_PortIsTaken_DoesNotStartAndTheOtherNodeGoesOn()
    {
        using TestNode other = TestNode.Master();

        Exception error = await StartFailure(other.EndPoint);

        Assert.Contains("ReplicatedCache:Listen", error.Message, StringComparison.Ordinal);
        Assert.Contains(other.EndPoint, error.Message, StringComparison.Ordinal);
        Assert.Contains("the port is taken", error.Message, StringComparison.OrdinalIgnoreCase);
        using TestNode replica = TestNode.Replica(other.EndPoint).WaitForStreaming();
    }

    [Fact]
    [Trait("Behaviour", "F5")]
    public async Task Host_SecondOfTwoAddressesIsTaken_LeavesTheFirstFree()
    {
        using TestNode other = TestNode.Master();
        string free = $"127.0.0.1:{TestKit.FreePort.Next()}";

        await StartFailure(free, other.EndPoint);

        using TestNode third = TestNode.Start(options =>
        {
            options.Role = ReplicationRole.Master;
            options.Listen.Add(free);
        });
        Assert.Equal(free, third.EndPoint);
    }

    private static async Task<Exception> StartFailure(params string[] listen)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(listen
            .Select((address, i) => new KeyValuePair<string, string?>($"ReplicatedCache:Listen:{i}", address))
            .Append(new KeyValuePair<string, string?>("ReplicatedCache:Role", "Master")));
        builder.Services.AddReplicatedCache();
        using IHost host = builder.Build();
        return await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
    }
}
