using EmbeddedRepl.Facade;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Soak.Measurement;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Soak.Load;

/// <summary>What clients, operators and the network do during a soak. Everything that takes a token for cancellation gets one that lives as long as the run: who forgets a registration on it is seen.</summary>
internal sealed class Activities(SoakCluster cluster, ObjectCensus census, CancellationToken run)
{
    private const int Keys = 20_000;

    private static readonly DistributedCacheEntryOptions Forever = new();
    private static readonly DistributedCacheEntryOptions Short = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(300) };
    private static readonly DistributedCacheEntryOptions Sliding = new() { SlidingExpiration = TimeSpan.FromSeconds(2) };

    private int _loop;

    public IReadOnlyList<Activity> All =>
    [
        new("writes on the master", Milliseconds(5), WriteAsync),
        new("reads on the replicas", Milliseconds(5), ReadAsync),
        new("forwarded writes", Milliseconds(20), ForwardAsync),
        new("batches and prefixes", Milliseconds(100), WriteManyAsync),
        new("waits for tokens", Milliseconds(40), WaitForTokenAsync),
        new("tokens of no history", Milliseconds(300), WaitForStrangeTokenAsync),
        new("waits for replicas", Milliseconds(100), WaitForReplicasAsync),
        new("get or set", Milliseconds(30), GetOrSetAsync),
        new("compare and set", Milliseconds(50), CompareAsync),
        new("sliding entries", Milliseconds(30), SlideAsync),
        new("expiring entries", Milliseconds(20), ExpireAsync),
        new("subscriptions", Milliseconds(250), SubscribeAsync),
        new("calls given up", Milliseconds(200), CancelAsync),
        new("link resets", Milliseconds(2_500), ResetAsync),
        new("link away until a full sync", Milliseconds(9_000), CutAsync),
        new("promotions of the leaf and back", Milliseconds(11_000), PromoteAsync),
        new("snapshot saves", Milliseconds(4_000), SaveAsync),
        new("edits of the configuration", Milliseconds(3_000), EditAsync),
    ];

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);

    private static string Key(Random random) => $"key {random.Next(Keys)}";

    private IReplicatedCache Replica(Random random) => (random.Next(2) == 0 ? cluster.Middle : cluster.Leaf).Cache;

    private Task WriteAsync(Random random)
    {
        byte[] value = new byte[random.Next(100, 4_000)];
        if (random.Next(10) == 0)
        {
            cluster.Master.Cache.Remove(Key(random));
        }

        cluster.Master.Cache.Set(Key(random), value, Forever);
        return Task.CompletedTask;
    }

    private async Task ReadAsync(Random random)
    {
        IReplicatedCache cache = Replica(random);
        for (int i = 0; i < 5; i++)
        {
            _ = cache.Get(Key(random));
            cache.TryGet(Key(random), new byte[4_000], out _);
        }

        _ = cache.GetMany([Key(random), Key(random)]);
        _ = cache.GetEntry(Key(random));
        _ = await cache.GetAsync(Key(random), run);
    }

    private async Task ForwardAsync(Random random)
    {
        IReplicatedCache cache = Replica(random);
        await cache.SetAsync(Key(random), new byte[random.Next(1_000)], Forever, run);
        await cache.RemoveAsync(Key(random), run);
    }

    private async Task WriteManyAsync(Random random)
    {
        IReplicatedCache cache = random.Next(2) == 0 ? cluster.Master.Cache : Replica(random);
        string prefix = $"batch {random.Next(5)}:";
        KeyValuePair<string, ReadOnlyMemory<byte>>[] entries = [.. Enumerable.Range(0, 20).Select(i => KeyValuePair.Create(prefix + i, (ReadOnlyMemory<byte>)new byte[100]))];
        await cache.SetManyAsync(entries, Forever, run);
        _ = cache.EnumerateKeys(prefix).Take(5).Count();
        await cache.RemoveByPrefixAsync(prefix, run);
    }

    private async Task WaitForTokenAsync(Random random)
    {
        using ConsistencyScope scope = cluster.Master.Cache.TrackWrites();
        await cluster.Master.Cache.SetAsync(Key(random), new byte[10], Forever, run);
        await cluster.Leaf.Cache.WaitForAsync(scope.Token!, Milliseconds(random.Next(1, 200)), run);
    }

    private async Task WaitForStrangeTokenAsync(Random random)
    {
        // Of a history that nobody knows: it is waited for until the time is over.
        string token = ConsistencyToken.Print(new StreamPosition(ReplicationId.NewId(), random.Next()));
        await cluster.Leaf.Cache.WaitForAsync(token, Milliseconds(random.Next(1, 50)), run);
    }

    private async Task WaitForReplicasAsync(Random random) =>
        await cluster.Master.Cache.WaitForReplicasAsync(random.Next(1, 3), Milliseconds(random.Next(1, 30)), run);

    private async Task GetOrSetAsync(Random random)
    {
        IReplicatedCache cache = random.Next(2) == 0 ? cluster.Master.Cache : Replica(random);
        string key = Key(random);
        int milliseconds = random.Next(3);
        Task<byte[]>[] calls = [.. Enumerable.Range(0, 3).Select(_ => cache.GetOrSetAsync(
            key,
            async token =>
            {
                await Task.Delay(milliseconds, token);
                return new byte[200];
            },
            Forever,
            run))];
        await Task.WhenAll(calls);
        _ = cache.GetOrSet(Key(random), () => new byte[100], Forever);
    }

    private async Task CompareAsync(Random random)
    {
        IReplicatedCache cache = random.Next(2) == 0 ? cluster.Master.Cache : Replica(random);
        string key = $"compared {random.Next(10)}";
        EntryVersion version = cache.GetEntry(key)?.Version ?? EntryVersion.None;
        await cache.CompareAndSetAsync(key, new byte[50], version, Forever, run);
    }

    private async Task SlideAsync(Random random)
    {
        string key = $"sliding {random.Next(200)}";
        if (random.Next(4) == 0)
        {
            cluster.Master.Cache.Set(key, new byte[100], Sliding);
        }

        _ = Replica(random).Get(key);
        await Replica(random).RefreshAsync(key, run);
    }

    private Task ExpireAsync(Random random)
    {
        cluster.Master.Cache.Set($"short {random.Next(2_000)}", new byte[200], Short);
        return Task.CompletedTask;
    }

    private async Task SubscribeAsync(Random random)
    {
        ICacheSubscription subscription = Replica(random).Subscribe(random.Next(2) == 0 ? "" : "key 1", 64);
        census.Watch(subscription);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(run);
        patience.CancelAfter(random.Next(50));
        try
        {
            int count = 0;
            await foreach (CacheChange change in subscription.WithCancellation(patience.Token))
            {
                if (++count == 10)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (!run.IsCancellationRequested)
        {
            // Nothing was written meanwhile.
        }
        finally
        {
            await subscription.DisposeAsync();
        }
    }

    private async Task CancelAsync(Random random)
    {
        using var given = new CancellationTokenSource(random.Next(1, 20));
        try
        {
            await Task.WhenAll(
                cluster.Master.Cache.WaitForReplicasAsync(2, TimeSpan.FromSeconds(10), given.Token),
                Replica(random).SetAsync(Key(random), new byte[500], Forever, given.Token),
                Replica(random).WaitForAsync(cluster.Master.Cache.GetConsistencyToken(), TimeSpan.FromSeconds(10), given.Token),
                Replica(random).GetOrSetAsync($"never {random.Next()}", async token => await Never(token), Forever, given.Token));
        }
        catch (OperationCanceledException)
        {
            // As it was meant.
        }

        static async Task<byte[]> Never(CancellationToken token)
        {
            await Task.Delay(Timeout.Infinite, token);
            return [];
        }
    }

    private Task ResetAsync(Random random)
    {
        cluster.Proxy.ResetAll();
        return Task.CompletedTask;
    }

    private async Task CutAsync(Random random)
    {
        // More than the backlog is written meanwhile, so what follows is a full sync; now and then it is slow, and broken once more.
        cluster.Proxy.IsRefusing = true;
        cluster.Proxy.ResetAll();
        try
        {
            for (int i = 0; i < 200; i++)
            {
                cluster.Master.Cache.Set(Key(random), new byte[3_000], Forever);
            }

            await Task.Delay(200, run);
        }
        finally
        {
            cluster.Proxy.IsRefusing = false;
        }

        if (random.Next(2) == 0)
        {
            cluster.Proxy.ToClient.BytesPerSecond = 4_000_000;
            await Task.Delay(random.Next(500), run);
            cluster.Proxy.ResetAll();
            cluster.Proxy.ToClient.BytesPerSecond = 0;
        }
    }

    private async Task PromoteAsync(Random random)
    {
        await cluster.Leaf.Cache.PromoteAsync(new PromotionOptions { Force = true }, run);
        cluster.Leaf.Cache.Set("written by a promoted leaf", [1], Forever);
        await cluster.Leaf.Cache.ReplicateFromAsync(cluster.Middle.EndPoint, run);
    }

    private async Task SaveAsync(Random random) =>
        await (random.Next(2) == 0 ? cluster.Master : cluster.Middle).Cache.SaveSnapshotAsync(run);

    private Task EditAsync(Random random)
    {
        switch (_loop++ % 4)
        {
            case 0:
                cluster.Master.Edit(("BacklogSize", "131072"), ("MemoryLimit", $"{SoakCluster.MemoryLimit + (1 << 20)}"));
                break;
            case 1:
                cluster.Master.Edit();
                break;
            case 2:
                cluster.Middle.Edit(("HeartbeatInterval", "00:00:00.4"), ("Listen:1", "127.0.0.2:0"));
                break;
            default:
                // Not valid, so ignored as a whole.
                cluster.Middle.Edit(("HeartbeatInterval", "-1"));
                break;
        }

        return Task.CompletedTask;
    }
}
