using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Tests.Replication;

public sealed class CacheStatisticsTests
{
    [Fact]
    [Trait("Behaviour", "J6")]
    public void Node_ReadInEveryWay_CountsHitsAndMisses()
    {
        using ReplicatedNode node = CreateNode();
        Set(node, "key", 1);

        Assert.NotNull(node.Get("key"));
        Assert.Null(node.Get("other"));
        Assert.True(node.TryGet("key", new byte[10], out _));
        Assert.False(node.TryGet("other", new byte[10], out _));
        Assert.True(node.TryGet("key", new ArrayBufferWriter<byte>()));
        Assert.False(node.TryGet("other", new ArrayBufferWriter<byte>()));

        CacheStatistics statistics = node.GetStatistics();
        Assert.Equal((1, 3, 3, 0.5), (statistics.Count, statistics.Hits, statistics.Misses, statistics.HitRatio));
        Assert.Equal((0, 0), (statistics.Evictions, statistics.Expirations));
        Assert.Null(statistics.MemoryLimit);
        Assert.InRange(statistics.UsedBytes, 1, 1 << 20);
    }

    [Fact]
    [Trait("Behaviour", "J6")]
    public void Node_BeyondItsLimit_CountsEvictions()
    {
        using ReplicatedNode node = CreateNode(16 << 20);
        for (int i = 0; i < 1_000; i++)
        {
            Set(node, $"key {i}", 50_000);
        }

        CacheStatistics statistics = node.GetStatistics();
        Assert.Equal(16 << 20, statistics.MemoryLimit);
        Assert.Equal(1_000, statistics.Count + statistics.Evictions);
        Assert.InRange(statistics.UsedBytes, 8 << 20, 16 << 20);
    }

    [Fact]
    [Trait("Behaviour", "J6")]
    public void Counters_ManyThreadsOfWhichMostHaveEnded_LoseNothing()
    {
        ReadCounters first = new();
        ReadCounters second = new();
        for (int round = 0; round < 20; round++)
        {
            Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
            {
                for (int i = 0; i < 1_000; i++)
                {
                    first.Count(isHit: i % 4 == 0);
                    second.Count(isHit: true);
                }
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
        }

        Assert.Equal((20_000, 60_000), first.Sum());
        Assert.Equal((80_000, 0), second.Sum());
    }

    private static ReplicatedNode CreateNode(long memoryLimit = 0) =>
        new(new ReplicatedCacheOptions { MemoryLimit = memoryLimit }, new ManualTimeProvider(), NullLoggerFactory.Instance);

    private static void Set(ReplicatedNode node, string key, int size) => node.Set(key, new ReadOnlySequence<byte>(new byte[size]), default);
}
