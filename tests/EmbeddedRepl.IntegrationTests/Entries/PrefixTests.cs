using EmbeddedRepl.IntegrationTests.Roles;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.IntegrationTests.Entries;

/// <summary>Keys by prefix on real nodes.</summary>
public class PrefixTests
{
    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    [Fact]
    [Trait("Behaviour", "Q7")]
    public async Task RemoveByPrefix_OnAReplica_RemovesOnEveryNodeAndIsReadableAtOnce()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint), ("ReplicaWrites", "Forward"));
        replica.WaitForStreaming();
        replica.Cache.SetMany(
            [.. Enumerable.Range(0, 20_000).Select(i => new KeyValuePair<string, ReadOnlyMemory<byte>>($"{(i % 2 == 0 ? "even" : "odd")}:{i}", new byte[10]))], NoExpiration);

        Assert.Equal(10_000, await replica.Cache.RemoveByPrefixAsync("even:"));
        Assert.Empty(replica.Cache.EnumerateKeys("even:"));
        Assert.Empty(master.Cache.EnumerateKeys("even:"));
        Assert.Equal(5_556, replica.Cache.RemoveByPrefix("odd:1"));
        replica.WaitUntilEqualTo(master);
        Assert.Equal(master.Info.EntryCount, replica.Cache.EnumerateKeys().Distinct().Count());
    }

    [Fact]
    [Trait("Behaviour", "Q6")]
    public async Task EnumerateKeys_BesideAWriterOnTheMaster_FindsEveryKeyThatStaysOnceOnEachNode()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint), ("ReplicaWrites", "Forward"));
        replica.WaitForStreaming();
        replica.Cache.SetMany([.. Enumerable.Range(0, 30_000).Select(i => new KeyValuePair<string, ReadOnlyMemory<byte>>($"key:{i}", new byte[10]))], NoExpiration);
        using var stop = new CancellationTokenSource();
        Task writer = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                master.Cache.Set($"other:{i}", new byte[20], NoExpiration);
                master.Cache.Set($"key:{i % 30_000}", new byte[i % 100], NoExpiration);
                master.Cache.Remove($"other:{i - 1000}");
            }
        });
        try
        {
            string[] expected = [.. Enumerable.Range(0, 30_000).Select(i => $"key:{i}").Order(StringComparer.Ordinal)];
            for (int round = 0; round < 10; round++)
            {
                Assert.Equal(expected, replica.Cache.EnumerateKeys("key:").Order(StringComparer.Ordinal));
                Assert.Equal(expected, master.Cache.EnumerateKeys("key:").Order(StringComparer.Ordinal));
            }
        }
        finally
        {
            await stop.CancelAsync();
            await writer;
        }
    }
}
