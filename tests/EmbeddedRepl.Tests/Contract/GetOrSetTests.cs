using EmbeddedRepl.Facade;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Tests.Hosting;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Tests.Contract;

/// <summary>Values that are computed when they are missing.</summary>
public sealed class GetOrSetTests : IDisposable
{
    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private readonly List<IDisposable> _disposables = [];

    public void Dispose() => _disposables.ForEach(disposable => disposable.Dispose());

    [Fact]
    [Trait("Behaviour", "Q8")]
    public async Task GetOrSetAsync_ManyCallersAtOnce_OneFactoryRunsAndEachGetsACopy()
    {
        ReplicatedCache cache = RealCache();
        var answer = new TaskCompletionSource<byte[]>();
        int runs = 0;
        Task<byte[]>[] calls =
        [
            .. Enumerable.Range(0, 50).Select(i => Task.Run(() => i % 2 == 0
                ? cache.GetOrSetAsync("key", _ => Count(ref runs, answer.Task), NoExpiration)
                : cache.GetOrSetAsync("key", answer, (source, _) => Count(ref runs, source.Task), NoExpiration))),
        ];
        SpinWait.SpinUntil(() => Volatile.Read(ref runs) > 0);
        byte[] computed = [1, 2, 3];
        answer.SetResult(computed);
        byte[][] values = await Task.WhenAll(calls);
        computed[0] = 99;

        Assert.Equal(1, runs);
        Assert.All(values, value => Assert.Equal([1, 2, 3], value));
        Assert.Equal(values.Length, values.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Equal([1, 2, 3], await cache.GetOrSetAsync("key", _ => throw new InvalidOperationException("It is there."), NoExpiration));
        Assert.Equal([1, 2, 3], cache.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "Q8")]
    public void GetOrSet_ManyThreadsAtOnce_OneFactoryRunsAndEachGetsACopy()
    {
        ReplicatedCache cache = RealCache();
        using var release = new ManualResetEventSlim();
        int runs = 0;
        byte[][] values = new byte[8][];
        Thread[] threads = [.. Enumerable.Range(0, values.Length).Select(i => new Thread(() => values[i] = cache.GetOrSet("key", Compute, NoExpiration)))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        SpinWait.SpinUntil(() => Volatile.Read(ref runs) > 0);
        release.Set();
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(1, runs);
        Assert.All(values, value => Assert.Equal([7], value));
        Assert.Equal(values.Length, values.Distinct(ReferenceEqualityComparer.Instance).Count());

        byte[] Compute()
        {
            Interlocked.Increment(ref runs);
            release.Wait();
            return [7];
        }
    }

    [Fact]
    [Trait("Behaviour", "Q8")]
    public void GetOrSet_AnotherLandedBetweenTheMissAndTheFlight_RunsNoFactory()
    {
        (ReplicatedCache cache, DictionaryNode node) = DictionaryCache();
        node.AfterMiss = () =>
        {
            node.AfterMiss = null;
            Assert.Equal([1], cache.GetOrSet("key", () => [1], NoExpiration));
        };
        Assert.Equal([1], cache.GetOrSet("key", () => throw new InvalidOperationException("It is there."), NoExpiration));
    }

    [Fact]
    [Trait("Behaviour", "Q9")]
    public async Task GetOrSetAsync_WaitersGiveUp_TheFactoryIsCancelledWithTheLastOfThem()
    {
        ReplicatedCache cache = RealCache();
        var answer = new TaskCompletionSource<byte[]>();
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        CancellationToken seen = default;
        Task<byte[]> one = cache.GetOrSetAsync("key", token => Remember(token), NoExpiration, first.Token);
        Task<byte[]> two = cache.GetOrSetAsync("key", token => Remember(token), NoExpiration, second.Token);

        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.False(seen.IsCancellationRequested || two.IsCompleted);
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        Assert.True(seen.IsCancellationRequested);

        // The next call does not wait for what was given up, and what that returns after all is not cached.
        Assert.Equal([2], await cache.GetOrSetAsync("key", _ => Task.FromResult<byte[]>([2]), NoExpiration));
        answer.SetResult([1]);
        await Task.Yield();
        Assert.Equal([2], cache.Get("key"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => cache.GetOrSetAsync("other", _ => throw new InvalidOperationException("Not to be run."), NoExpiration, new CancellationToken(canceled: true)));

        Task<byte[]> Remember(CancellationToken token)
        {
            seen = token;
            return answer.Task;
        }
    }

    [Fact]
    [Trait("Behaviour", "Q9")]
    public async Task GetOrSet_FactoryThrows_EverybodyGetsItNothingIsCachedAndTheNextCallTriesAgain()
    {
        ReplicatedCache cache = RealCache();
        var answer = new TaskCompletionSource<byte[]>();
        Task<byte[]>[] calls = [.. Enumerable.Range(0, 5).Select(_ => cache.GetOrSetAsync("key", _ => answer.Task, NoExpiration))];
        answer.SetException(new TimeZoneNotFoundException());
        foreach (Task<byte[]> call in calls)
        {
            await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => call);
        }

        Assert.Throws<TimeZoneNotFoundException>(() => cache.GetOrSet("key", () => throw new TimeZoneNotFoundException(), NoExpiration));
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => cache.GetOrSetAsync("key", _ => throw new TimeZoneNotFoundException(), NoExpiration));
        Assert.Null(cache.Get("key"));
        Assert.Equal([1], await cache.GetOrSetAsync("key", _ => Task.FromResult<byte[]>([1]), NoExpiration));
        Assert.Equal([2], cache.GetOrSet("more", () => [2], NoExpiration));
    }

    [Fact]
    [Trait("Behaviour", "Q9")]
    public void GetOrSet_FactoryAsksForItsOwnEntry_IsToldSoInsteadOfWaitingForItself()
    {
        ReplicatedCache cache = RealCache();
        Assert.Throws<InvalidOperationException>(() => cache.GetOrSet("key", () => cache.GetOrSet("key", () => [1], NoExpiration), NoExpiration));
        Assert.Equal([2], cache.GetOrSet("key", () => cache.GetOrSet("other", () => [2], NoExpiration), NoExpiration));
    }

    [Fact]
    [Trait("Behaviour", "Q9")]
    public async Task GetOrSet_WhileAnAsynchronousFlightIsUnderWay_DoesNotWaitForThePoolThatItMayBlock()
    {
        ReplicatedCache cache = RealCache();
        var answer = new TaskCompletionSource<byte[]>();
        Task<byte[]> flight = cache.GetOrSetAsync("key", _ => answer.Task, NoExpiration);
        Assert.Equal([1], cache.GetOrSet("key", () => [1], NoExpiration));
        Assert.False(flight.IsCompleted);
        answer.SetResult([2]);
        Assert.Equal([2], await flight);
    }

    [Fact]
    [Trait("Behaviour", "Q10")]
    public async Task GetOrSet_ClusterCannotWrite_ReturnsTheValueAndWarnsOnceAMinute()
    {
        using var log = new CapturedLog();
        var time = new ManualTimeProvider();
        (ReplicatedCache cache, DictionaryNode node) = DictionaryCache(time, log.CreateLogger("test"));
        ReplicatedCacheException[] states =
        [
            new MasterUnreachableException(), new NotEnoughReplicasException("few"), new RecoveringMasterException("recovers"), new WriteOutcomeUnknownException(), new CacheFullException("full"),
            new NodeStoppedException(), new ReadOnlyReplicaException(),
        ];
        foreach (ReplicatedCacheException state in states)
        {
            node.WriteError = state;
            Assert.Equal([1], await cache.GetOrSetAsync("secret key", _ => Task.FromResult<byte[]>([1]), NoExpiration));
            Assert.Equal([2], cache.GetOrSet("secret key", () => [2], NoExpiration));
        }

        Assert.Null(cache.Get("secret key"));
        string line = Assert.Single(log.Lines, line => line.Contains("not cached", StringComparison.Ordinal));
        Assert.Contains("1 values", line, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(1));
        cache.GetOrSet("secret key", () => [2], NoExpiration);
        Assert.Contains(log.Lines, line => line.Contains("14 values", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains("secret", StringComparison.Ordinal));

        node.WriteError = null;
        Assert.Equal([3], cache.GetOrSet("secret key", () => [3], NoExpiration));
        Assert.Equal([3], cache.Get("secret key"));
    }

    [Fact]
    [Trait("Behaviour", "Q10")]
    public async Task GetOrSet_ReplicaThatRefusesWrites_ThrowsBeforeTheFactoryIsRun()
    {
        (ReplicatedCache cache, DictionaryNode node) = DictionaryCache();
        cache.Set("there", [1], NoExpiration);
        node.ReplicateFrom("other:1");
        Assert.Equal([1], cache.GetOrSet("there", () => throw new TimeZoneNotFoundException(), NoExpiration));
        Assert.Throws<ReadOnlyReplicaException>(() => cache.GetOrSet("key", () => throw new TimeZoneNotFoundException(), NoExpiration));
        await Assert.ThrowsAsync<ReadOnlyReplicaException>(() => cache.GetOrSetAsync("key", _ => throw new TimeZoneNotFoundException(), NoExpiration));
    }

    [Fact]
    public async Task GetOrSet_WrongArguments_ThrowBeforeAnything()
    {
        ReplicatedCache cache = RealCache();
        Func<CancellationToken, Task<byte[]>> factory = _ => Task.FromResult<byte[]>([1]);
        var past = new DistributedCacheEntryOptions { AbsoluteExpiration = DateTimeOffset.UtcNow.AddDays(-1) };
        await Assert.ThrowsAsync<ArgumentNullException>("key", () => cache.GetOrSetAsync(null!, factory, NoExpiration));
        await Assert.ThrowsAsync<ArgumentNullException>("factory", () => cache.GetOrSetAsync("key", null!, NoExpiration));
        await Assert.ThrowsAsync<ArgumentNullException>("options", () => cache.GetOrSetAsync("key", factory, null!));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cache.GetOrSetAsync("key", factory, past));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("key", () => cache.GetOrSetAsync(new string('x', 100_000), factory, NoExpiration));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("factory", () => cache.GetOrSetAsync("key", _ => Task.FromResult(new byte[2_000]), NoExpiration));
        Assert.Throws<ArgumentNullException>("key", () => cache.GetOrSet(null!, () => [1], NoExpiration));
        Assert.Throws<ArgumentNullException>("factory", () => cache.GetOrSet("key", null!, NoExpiration));
        Assert.Throws<InvalidOperationException>(() => cache.GetOrSet("key", () => null!, NoExpiration));
        await Assert.ThrowsAsync<InvalidOperationException>(() => cache.GetOrSetAsync("key", _ => Task.FromResult<byte[]>(null!), NoExpiration));
        Assert.Null(cache.Get("key"));
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.GetOrSet("key", () => [1], NoExpiration));
    }

    private static Task<byte[]> Count(ref int runs, Task<byte[]> answer)
    {
        Interlocked.Increment(ref runs);
        return answer;
    }

    private static (ReplicatedCache Cache, DictionaryNode Node) DictionaryCache(TimeProvider? time = null, ILogger? logger = null)
    {
        var options = new ReplicatedCacheOptions { Role = ReplicationRole.Master };
        var node = new DictionaryNode(options, time ?? TimeProvider.System);
        return (new ReplicatedCache(node, options, time ?? TimeProvider.System, logger), node);
    }

    private ReplicatedCache RealCache()
    {
        var options = new ReplicatedCacheOptions { MaxValueSize = 1_000 };
        var cache = new ReplicatedCache(new ReplicatedNode(options, TimeProvider.System, NullLoggerFactory.Instance), options, TimeProvider.System);
        _disposables.Add(cache);
        return cache;
    }
}
