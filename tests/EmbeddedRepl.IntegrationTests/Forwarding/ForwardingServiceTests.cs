using System.Diagnostics.Metrics;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.IntegrationTests.Roles;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.IntegrationTests.Forwarding;

/// <summary>Services whose caches write where the request is served, through the interfaces that they use.</summary>
public class ForwardingServiceTests
{
    private static readonly (string Key, string Value) Forward = ("ReplicaWrites", "Forward");

    [Fact]
    [Trait("Behaviour", "N1")]
    public async Task DistributedCache_OnAReplica_ReadsItsOwnWritesAtOnce()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint), Forward);
        replica.WaitForStreaming();
        var cache = replica.Services.GetRequiredService<IDistributedCache>();
        for (int i = 0; i < 100; i++)
        {
            cache.SetString("key", $"{i}");
            Assert.Equal($"{i}", cache.GetString("key"));
            await cache.SetStringAsync("key", $"async {i}", new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(5) });
            Assert.Equal($"async {i}", await cache.GetStringAsync("key"));
            await cache.RemoveAsync("key");
            Assert.Null(await cache.GetStringAsync("key"));
        }

        cache.SetString("kept", "value");
        cache.Remove("none");
        Assert.Equal("value", master.Cache.GetString("kept"));
        cache.Remove("kept");
        Assert.Null(cache.GetString("kept"));
        Assert.Null(master.Cache.GetString("kept"));
        Assert.Equal(0, replica.Info.WritesRefused);
    }

    [Fact]
    [Trait("Behaviour", "N1")]
    [Trait("Behaviour", "N8")]
    public void ReplicatedCache_OnAReplica_WritesManyAndLargeEntriesAndClears()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint), Forward);
        replica.WaitForStreaming();
        KeyValuePair<string, ReadOnlyMemory<byte>>[] entries =
            [.. Enumerable.Range(0, 3_000).Select(i => new KeyValuePair<string, ReadOnlyMemory<byte>>($"key {i}", new byte[i % 500 == 0 ? 600_000 : 300]))];
        replica.Cache.SetMany(entries, new DistributedCacheEntryOptions());

        Assert.All(entries, entry => Assert.Equal(entry.Value.Length, replica.Cache.Get(entry.Key)?.Length));
        Assert.Equal(master.Info.Digest, replica.Info.Digest);
        replica.Cache.Clear();
        Assert.Equal((0, 0), (replica.Info.EntryCount, master.Info.EntryCount));
    }

    [Fact]
    [Trait("Behaviour", "L4")]
    public async Task Writes_ThatAreForwarded_AreCountedByTheirOutcome()
    {
        (string, string) name = ("CacheName", $"counted {Guid.NewGuid()}");
        using ReloadedService master = ReloadedService.Master(name);
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint), Forward, name);
        replica.WaitForStreaming();
        var outcomes = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "EmbeddedRepl" && instrument.Name == "embeddedrepl.forwarded_writes")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            Dictionary<string, object?> all = new(tags.ToArray());
            if (Equals(all["dotnet.cache.name"], name.Item2))
            {
                outcomes.Enqueue((string)all["embeddedrepl.write.outcome"]!);
            }
        });
        listener.Start();

        replica.Cache.SetString("key", "value");
        await replica.Cache.RemoveAsync("key");
        master.Dispose();
        replica.WaitFor(info => info.LinkState != ReplicationLinkState.Streaming, "the link is down");
        Assert.Throws<MasterUnreachableException>(() => replica.Cache.SetString("key", "value"));

        Assert.Equal(["applied", "applied", "unsent"], outcomes);
    }

    [Fact]
    [Trait("Behaviour", "N2")]
    public void Chain_OfThree_EachNodeReadsItsOwnWritesAndAllEndEqual()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService middle = ReloadedService.Start(("Master", master.EndPoint), ("Listen:0", "127.0.0.1:0"), Forward);
        middle.WaitForStreaming();
        using ReloadedService leaf = ReloadedService.Start(("Master", middle.EndPoint), Forward);
        leaf.WaitForStreaming();
        for (int i = 0; i < 100; i++)
        {
            leaf.Cache.SetString("key", $"leaf {i}");
            Assert.Equal(($"leaf {i}", $"leaf {i}", $"leaf {i}"), (leaf.Cache.GetString("key"), middle.Cache.GetString("key"), master.Cache.GetString("key")));
            middle.Cache.SetString("key", $"middle {i}");
            Assert.Equal(($"middle {i}", $"middle {i}"), (middle.Cache.GetString("key"), master.Cache.GetString("key")));
        }

        leaf.WaitUntilEqualTo(master);
        middle.WaitUntilEqualTo(master);
    }

    [Fact]
    [Trait("Behaviour", "N13")]
    public void ReplicaWrites_EditedWhileItRuns_ActsAtOnce()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint), ("ReplicaWrites", "Reject"));
        replica.WaitForStreaming();
        Assert.Throws<ReadOnlyReplicaException>(() => replica.Cache.SetString("key", "value"));

        replica.Edit(ReloadedService.Applied, ("Master", master.EndPoint), Forward);
        replica.Cache.SetString("key", "value");
        Assert.Equal(("value", "value"), (replica.Cache.GetString("key"), master.Cache.GetString("key")));

        replica.Edit(ReloadedService.Ignored, ("Master", master.EndPoint), ("ReplicaWrites", "7"));
        replica.Cache.SetString("key", "still");
        Assert.Equal("still", master.Cache.GetString("key"));

        replica.Edit(ReloadedService.Applied, ("Master", master.EndPoint), ("ReplicaWrites", "Reject"));
        Assert.Throws<ReadOnlyReplicaException>(() => replica.Cache.SetString("key", "value"));
        Assert.Equal("still", replica.Cache.GetString("key"));
    }

    [Fact]
    [Trait("Behaviour", "N13")]
    public async Task Roles_ChangeUnderACaller_ItWritesOnTheNodeItselfOrOnItsNewMaster()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService node = ReloadedService.Start(("Master", master.EndPoint), ("Listen:0", "127.0.0.1:0"), Forward);
        node.WaitForStreaming();
        node.Cache.SetString("key", "forwarded");
        node.Promote();
        node.Cache.SetString("key", "own");
        await node.Cache.SetStringAsync("more", "own");
        Assert.Equal(("own", "forwarded"), (node.Cache.GetString("key"), master.Cache.GetString("key")));

        node.ReplicateFrom(master.EndPoint);
        node.WaitForStreaming();
        await node.Cache.SetStringAsync("key", "forwarded again");
        Assert.Equal(("forwarded again", "forwarded again"), (node.Cache.GetString("key"), master.Cache.GetString("key")));
        Assert.Null(node.Cache.GetString("more"));
    }
}
