using EmbeddedRepl.IntegrationTests.Roles;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.IntegrationTests.Entries;

/// <summary>Values that are computed when they are missing, on real nodes.</summary>
public class GetOrSetServiceTests
{
    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    [Fact]
    [Trait("Behaviour", "Q8")]
    public async Task GetOrSet_OnAReplica_ComputesOnceAndEveryNodeHasIt()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint), ("ReplicaWrites", "Forward"));
        replica.WaitForStreaming();
        int runs = 0;
        byte[][] values = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => replica.Cache.GetOrSetAsync("key", Compute, NoExpiration)));

        Assert.Equal(1, runs);
        Assert.All(values, value => Assert.Equal([1, 2], value));
        Assert.Equal([1, 2], master.Cache.Get("key"));
        Assert.Equal([1, 2], master.Cache.GetOrSet("key", () => [3], NoExpiration));
        Assert.Equal([4], replica.Cache.GetOrSet("more", () => [4], NoExpiration));
        Assert.Equal([4], master.Cache.Get("more"));

        async Task<byte[]> Compute(CancellationToken token)
        {
            Interlocked.Increment(ref runs);
            await Task.Delay(50, token);
            return [1, 2];
        }
    }

    [Fact]
    [Trait("Behaviour", "Q10")]
    public async Task GetOrSet_MasterIsGone_ReturnsTheValue()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint), ("ReplicaWrites", "Forward"));
        replica.WaitForStreaming();
        master.Dispose();
        replica.WaitFor(info => info.LinkState != ReplicationLinkState.Streaming, "the link is down");

        Assert.Equal([1], await replica.Cache.GetOrSetAsync("key", _ => Task.FromResult<byte[]>([1]), NoExpiration));
        Assert.Equal([2], replica.Cache.GetOrSet("key", () => [2], NoExpiration));
        Assert.Null(replica.Cache.Get("key"));
        Assert.Equal(1, replica.Log.CountOf(2100));
    }
}
