using EmbeddedRepl.IntegrationTests.Roles;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.IntegrationTests.Entries;

/// <summary>Subscriptions on real nodes.</summary>
public class SubscriptionTests
{
    [Fact]
    [Trait("Behaviour", "Q11")]
    public async Task Subscription_OnAReplica_SeesTheSetsOfTheMasterInOrderAndCanReadThem()
    {
        const int Count = 2_000;
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint), ("ReplicaWrites", "Forward"));
        replica.WaitForStreaming();
        await using ICacheSubscription subscription = replica.Cache.Subscribe("key:", capacity: Count + 1);
        Task writer = Task.Run(() =>
        {
            for (int i = 0; i < Count; i++)
            {
                (i % 10 == 0 ? replica : master).Cache.Set($"key:{i}", BitConverter.GetBytes(i), new DistributedCacheEntryOptions());
                master.Cache.Set($"other:{i}", [1], new DistributedCacheEntryOptions());
            }
        });

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        int next = 0;
        await foreach (CacheChange change in subscription.WithCancellation(patience.Token))
        {
            Assert.Equal((CacheChangeKind.Set, $"key:{next}"), (change.Kind, change.Key));
            Assert.Equal(change.Version, replica.Cache.GetEntry(change.Key!)?.Version);
            if (++next == Count)
            {
                break;
            }
        }

        await writer;
        Assert.Equal(Count, next);
        Assert.Equal(BitConverter.GetBytes(Count - 1), master.Cache.Get($"key:{Count - 1}"));
    }
}
