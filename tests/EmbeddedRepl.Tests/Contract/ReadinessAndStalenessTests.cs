using System.Buffers;
using EmbeddedRepl.Facade;
using EmbeddedRepl.TestKit;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Tests.Contract;

public sealed class ReadinessAndStalenessTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ReplicatedCacheOptions _options = new() { Master = "10.0.0.5:7000", MaxStaleness = TimeSpan.FromSeconds(20) };
    private ReplicatedCache? _cache;

    public void Dispose() => _cache?.Dispose();

    [Fact]
    [Trait("Behaviour", "K2")]
    public async Task WaitUntilReady_NotReadyInTime_IsFalseAndNoError()
    {
        ReplicatedCache cache = Create(out DictionaryNode node);
        Task<bool> limited = cache.WaitUntilReadyAsync(TimeSpan.FromSeconds(5));
        Task unlimited = cache.WaitUntilReadyAsync();

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.False(await limited);
        Assert.False(unlimited.IsCompleted);
        Assert.False(cache.WaitUntilReady(TimeSpan.Zero));
        node.Info = node.Info with { IsReady = true };
        node.ReadySource.SetResult();
        await unlimited;
        Assert.True(cache.IsReady);
        Assert.True(cache.WaitUntilReady(TimeSpan.Zero));
        Assert.True(await cache.WaitUntilReadyAsync(TimeSpan.MaxValue));
    }

    [Fact]
    [Trait("Behaviour", "K2")]
    public async Task WaitUntilReady_CancelledOrStopped_EndsWithThatReason()
    {
        ReplicatedCache cache = Create(out DictionaryNode node);
        using var cancellation = new CancellationTokenSource();
        Task cancelled = cache.WaitUntilReadyAsync(cancellation.Token);
        Task<bool> stopped = cache.WaitUntilReadyAsync(Timeout.InfiniteTimeSpan);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.ThrowsAny<OperationCanceledException>(() => cache.WaitUntilReady(Timeout.InfiniteTimeSpan, cancellation.Token));

        node.ReadySource.SetException(new NodeStoppedException());

        await Assert.ThrowsAsync<NodeStoppedException>(() => stopped);
        Assert.Throws<NodeStoppedException>(() => cache.WaitUntilReady(Timeout.InfiniteTimeSpan));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("timeout", () => cache.WaitUntilReadyAsync(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => cache.WaitUntilReady(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    [Trait("Behaviour", "M4")]
    public void StaleReads_Serve_IsTheDefault()
    {
        ReplicatedCache cache = Create(out DictionaryNode node);
        Fill(node, staleness: TimeSpan.FromHours(1));

        Assert.Equal([1], cache.Get("key"));
        Assert.False(cache.IsFresherThan(TimeSpan.FromMinutes(59)));
        Assert.True(cache.IsFresherThan(TimeSpan.FromHours(1)));
        Assert.Equal(TimeSpan.FromHours(1), cache.Staleness);
        Assert.Throws<ArgumentOutOfRangeException>("maxStaleness", () => cache.IsFresherThan(TimeSpan.FromTicks(-1)));
    }

    [Theory]
    [Trait("Behaviour", "M4")]
    [InlineData(StaleReadBehavior.Miss)]
    [InlineData(StaleReadBehavior.Throw)]
    public async Task StaleReads_BeyondMaxStaleness_AreRefusedAsChosenInEveryWayToRead(StaleReadBehavior behavior)
    {
        _options.StaleReads = behavior;
        ReplicatedCache cache = Create(out DictionaryNode node);
        Fill(node, _options.MaxStaleness);
        Func<bool>[] reads =
        [
            () => cache.Get("key") is not null,
            () => cache.TryGet("key", new byte[1], out _),
            () => cache.TryGet("key", new ArrayBufferWriter<byte>()),
        ];
        Assert.All(reads, read => Assert.True(read()));

        Fill(node, _options.MaxStaleness + TimeSpan.FromMilliseconds(1));
        foreach (Func<bool> read in reads)
        {
            AssertRefused(behavior, read);
        }

        Task<byte[]?> asynchronous = cache.GetAsync("key");
        if (behavior == StaleReadBehavior.Throw)
        {
            StaleReplicaException error = await Assert.ThrowsAsync<StaleReplicaException>(() => asynchronous);
            Assert.Equal((_options.MaxStaleness + TimeSpan.FromMilliseconds(1), _options.MaxStaleness), (error.Staleness!.Value, error.MaxStaleness));
        }
        else
        {
            Assert.Null(await asynchronous);
        }

        // What is not known is not fresh.
        Fill(node, staleness: null);
        AssertRefused(behavior, reads[0]);
    }

    [Fact]
    [Trait("Behaviour", "M4")]
    public async Task StaleReads_ChangedWhileTheCacheRuns_ActAtOnce()
    {
        ReplicatedCache cache = Create(out DictionaryNode node);
        Fill(node, TimeSpan.FromHours(1));
        var next = new ReplicatedCacheOptions { Master = _options.Master, MaxStaleness = _options.MaxStaleness, StaleReads = StaleReadBehavior.Miss };

        cache.Reconfigure(_options, next);
        Assert.Null(cache.Get("key"));
        await cache.PromoteAsync();
        Assert.Equal([1], cache.Get("key"));
    }

    private static void AssertRefused(StaleReadBehavior behavior, Func<bool> read)
    {
        if (behavior == StaleReadBehavior.Throw)
        {
            Assert.Throws<StaleReplicaException>(() => read());
        }
        else
        {
            Assert.False(read());
        }
    }

    private static void Fill(DictionaryNode node, TimeSpan? staleness)
    {
        node.Info = node.Info with { Staleness = staleness };
        node.Promote(new PromotionOptions());
        node.Set("key", new ReadOnlySequence<byte>([1]), default);
        node.ReplicateFrom("10.0.0.5:7000");
    }

    private ReplicatedCache Create(out DictionaryNode node)
    {
        node = new DictionaryNode(_options, _time);
        return _cache = new ReplicatedCache(node, _options, _time);
    }
}
