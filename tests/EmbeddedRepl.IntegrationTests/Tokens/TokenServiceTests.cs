using System.Diagnostics;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.IntegrationTests.Roles;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.IntegrationTests.Tokens;

/// <summary>Services whose callers write at one instance and read at another.</summary>
public class TokenServiceTests
{
    private static readonly DistributedCacheEntryOptions NoExpiration = new();
    private static readonly (string Key, string Value) Forward = ("ReplicaWrites", "Forward");
    private static readonly (string Key, string Value) Listening = ("Listen:0", "127.0.0.1:0");

    [Fact]
    [Trait("Behaviour", "P1")]
    public async Task Caller_WritesAtOneReplicaAndReadsAtTheOther_SeesItsWriteInEveryRound()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService near = ReloadedService.Start(("Master", master.EndPoint), Forward);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 31);
        using ReloadedService far = ReloadedService.Start(("Master", proxy.EndPoint.ToString()), Forward);
        near.WaitForStreaming();
        far.WaitForStreaming();

        // The far one gets everything later than a caller comes who does not wait.
        proxy.ToClient.Delay = TimeSpan.FromMilliseconds(2);
        int late = 0;
        for (int i = 0; i < 300; i++)
        {
            ReloadedService writer = i % 5 == 4 ? far : near;
            ReloadedService reader = writer == near ? far : near;
            string? token;
            using (ConsistencyScope scope = writer.Cache.TrackWrites())
            {
                await writer.Cache.SetStringAsync("key", $"{i}");
                token = scope.Token;
            }

            late += reader.Cache.GetString("key") == $"{i}" ? 0 : 1;
            Assert.True(i % 2 == 0 ? await reader.Cache.WaitForAsync(token!, TestNode.Patience) : reader.Cache.WaitFor(token!, TestNode.Patience));
            Assert.Equal($"{i}", reader.Cache.GetString("key"));

            // And who has read it here, may read on there.
            Assert.True(await master.Cache.WaitForAsync(reader.Cache.GetConsistencyToken(), TimeSpan.Zero));
        }

        Assert.True(late > 0, "The far replica was never late, so nobody ever waited.");
    }

    [Fact]
    [Trait("Behaviour", "P1")]
    [Trait("Behaviour", "P5")]
    public async Task Scope_WritesInEveryWayThroughAReplica_CoversThemAtTheMasterAndAtTheOther()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService one = ReloadedService.Start(("Master", master.EndPoint), Forward);
        using ReloadedService other = ReloadedService.Start(("Master", master.EndPoint), Forward);
        one.WaitForStreaming();
        other.WaitForStreaming();
        KeyValuePair<string, ReadOnlyMemory<byte>>[] many = [.. Enumerable.Range(0, 3_000).Select(i => new KeyValuePair<string, ReadOnlyMemory<byte>>($"key {i}", new byte[300]))];
        using ConsistencyScope all = one.Cache.TrackWrites();
        await Check(() => one.Cache.SetAsync("key 0", [1], NoExpiration), cache => cache.Get("key 0") is [1]);
        await Check(() => Task.Run(() => one.Cache.Set("key 0", [2], NoExpiration)), cache => cache.Get("key 0") is [2]);
        await Check(() => one.Cache.RemoveAsync("key 0"), cache => cache.Get("key 0") is null);
        await Check(() => Task.Run(() => one.Cache.SetMany(many, NoExpiration)), cache => cache.Get("key 2999") is { Length: 300 });
        await Check(() => Task.Run(() => one.Cache.Remove("key 2999")), cache => cache.Get("key 2999") is null);
        await Check(() => one.Cache.SetManyAsync(many, NoExpiration), cache => cache.Get("key 2999") is { Length: 300 });
        await Check(() => one.Cache.ClearAsync(), cache => cache.Get("key 1") is null);
        await Check(() => Task.Run(() => one.Cache.Remove("key 1")), cache => cache.Get("key 1") is null);

        async Task Check(Func<Task> write, Func<IReplicatedCache, bool> isSeen)
        {
            using ConsistencyScope scope = one.Cache.TrackWrites();
            await write();
            Assert.NotNull(scope.Token);
            Assert.Equal(scope.Token, all.Token);
            Assert.True(await other.Cache.WaitForAsync(scope.Token, TestNode.Patience));
            Assert.True(await master.Cache.WaitForAsync(scope.Token, TimeSpan.Zero));
            Assert.True(isSeen(other.Cache) && isSeen(master.Cache));
        }
    }

    [Fact]
    [Trait("Behaviour", "P3")]
    public async Task Failover_LosesAWrite_WhoWaitsForItIsToldPromptlyAndWritesGoOn()
    {
        ReloadedService master = ReloadedService.Master();
        using var toOne = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 32);
        using var toOther = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 33);
        using ReloadedService one = ReloadedService.Start(("Master", toOne.EndPoint.ToString()), Listening, Forward);
        using ReloadedService other = ReloadedService.Start(("Master", toOther.EndPoint.ToString()), Listening, Forward);
        one.WaitForStreaming();
        other.WaitForStreaming();
        master.Cache.SetString("kept", "value");
        string kept = master.Cache.GetConsistencyToken();
        Assert.True(await one.Cache.WaitForAsync(kept, TestNode.Patience) && await other.Cache.WaitForAsync(kept, TestNode.Patience));

        toOne.Stall(true);
        toOther.Stall(true);
        master.Cache.SetString("lost", "value");
        string lost = master.Cache.GetConsistencyToken();
        Task<bool> atOne = one.Cache.WaitForAsync(lost, Timeout.InfiniteTimeSpan);
        Task<bool> atOther = other.Cache.WaitForAsync(lost, Timeout.InfiniteTimeSpan);
        Assert.False(atOne.IsCompleted || atOther.IsCompleted);
        toOne.Dispose();
        toOther.Dispose();
        master.Dispose();

        one.Promote();
        long start = Stopwatch.GetTimestamp();
        Assert.False(await atOne.WaitAsync(TestNode.Patience));
        other.ReplicateFrom(one.EndPoint);
        Assert.False(await atOther.WaitAsync(TestNode.Patience));
        Assert.False(await one.Cache.WaitForAsync(lost, Timeout.InfiniteTimeSpan).WaitAsync(TestNode.Patience));
        Assert.False(other.Cache.WaitFor(lost, TimeSpan.FromHours(1)));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TestNode.Patience);

        Assert.True(await other.Cache.WaitForAsync(kept, TimeSpan.Zero));
        Assert.Null(other.Cache.GetString("lost"));
        using ConsistencyScope scope = other.Cache.TrackWrites();
        other.WaitForStreaming();
        other.Cache.SetString("new", "value");
        Assert.True(await one.Cache.WaitForAsync(scope.Token!, TimeSpan.Zero));
    }
}
