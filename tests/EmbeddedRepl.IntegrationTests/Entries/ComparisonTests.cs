using System.Buffers.Binary;
using EmbeddedRepl.IntegrationTests.Roles;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.IntegrationTests.Entries;

/// <summary>Callers on several nodes that change one entry.</summary>
public class ComparisonTests
{
    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    [Fact]
    [Trait("Behaviour", "Q4")]
    public async Task Counter_IncrementedByCallersOnTheMasterAndOnTwoReplicas_IsExact()
    {
        const int CallersPerNode = 3;
        const int Increments = 100;
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService first = ReloadedService.Start(("Master", master.EndPoint), ("ReplicaWrites", "Forward"));
        using ReloadedService second = ReloadedService.Start(("Master", master.EndPoint), ("ReplicaWrites", "Forward"));
        first.WaitForStreaming();
        second.WaitForStreaming();

        IReplicatedCache[] caches = [master.Cache, first.Cache, second.Cache];
        await Task.WhenAll(caches.SelectMany(cache => Enumerable.Range(0, CallersPerNode).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < Increments; i++)
            {
                await IncrementAsync(cache, i % 2 == 0);
            }
        }))));

        Assert.Equal(CallersPerNode * Increments * caches.Length, Count(master.Cache));
        first.WaitUntilEqualTo(master);
        Assert.Equal(master.Cache.GetEntry("counter")!.Version, first.Cache.GetEntry("counter")!.Version);
    }

    [Fact]
    [Trait("Behaviour", "Q4")]
    public async Task Version_AfterAWriteOnAReplica_IsTheOneThatEveryNodeReads()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint), ("ReplicaWrites", "Forward"));
        replica.WaitForStreaming();
        EntryVersion version = EntryVersion.None;
        foreach (int size in new[] { 0, 10, 300_000 })
        {
            byte[] value = new byte[size];
            new Random(size).NextBytes(value);
            version = replica.Cache.CompareAndSet("ключ", value, version, NoExpiration)!.Value;
            Assert.Equal((version, version), (replica.Cache.GetEntry("ключ")!.Version, master.Cache.GetEntry("ключ")!.Version));

            version = (await master.Cache.CompareAndSetAsync("ключ", value, version, NoExpiration))!.Value;
            Assert.Equal(version, master.Cache.GetEntry("ключ")!.Version);
        }

        Assert.False(await replica.Cache.CompareAndRemoveAsync("ключ", EntryVersion.None));
        Assert.True(replica.Cache.CompareAndRemove("ключ", version));
        Assert.Null(master.Cache.GetEntry("ключ"));
        Assert.Equal(0, replica.Info.WritesRefused);
    }

    private static async Task IncrementAsync(IReplicatedCache cache, bool waitsWithoutThread)
    {
        while (true)
        {
            CacheEntry? entry = cache.GetEntry("counter");
            byte[] next = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(next, (entry is null ? 0 : BinaryPrimitives.ReadInt64LittleEndian(entry.Value)) + 1);
            EntryVersion expected = entry?.Version ?? EntryVersion.None;
            EntryVersion? version = waitsWithoutThread
                ? await cache.CompareAndSetAsync("counter", next, expected, NoExpiration)
                : cache.CompareAndSet("counter", next, expected, NoExpiration);
            if (version is not null)
            {
                return;
            }
        }
    }

    private static long Count(IReplicatedCache cache) => BinaryPrimitives.ReadInt64LittleEndian(cache.Get("counter"));
}
