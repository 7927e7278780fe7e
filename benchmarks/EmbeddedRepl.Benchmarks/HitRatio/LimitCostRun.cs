using System.Buffers;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Benchmarks.HitRatio;

/// <summary>What a limit costs: nodes with and without one take turns. Calls go to the node, as the cache makes them, counting and gate included.</summary>
internal static class LimitCostRun
{
    private const int Entries = 300_000;
    private const int SampleSize = 40 * ShortRounds.Operations;
    private const int HotKeys = 1_000;

    private static readonly byte[] Value = new byte[StoreCache.ValueSize];

    public static int Run()
    {
        using ReplicatedNode unlimited = Create(0);
        using ReplicatedNode limited = Create(1L << 30);
        using ReplicatedNode full = Create(32L << 20);
        using ReplicatedNode growing = Create(0);
        for (int i = 0; i < Entries; i++)
        {
            Set(unlimited, i);
            Set(limited, i);
            Set(full, i);
        }

        string[] random = Sample(Entries, 1);
        string[] hot = Sample(HotKeys, 2);
        Report("hot read, limit not reached / no limit", start => Read(limited, hot, start), start => Read(unlimited, hot, start));
        Report("random read, limit not reached / no limit", start => Read(limited, random, start), start => Read(unlimited, random, start));
        Report("overwrite, limit not reached / no limit", start => Write(limited, random, start), start => Write(unlimited, random, start));
        Report("new entry that evicts / new entry, no limit", start => Insert(full, Entries + start), start => Insert(growing, start));
        Report(
            "new entry that evicts / removal by hand and new entry",
            start => Insert(full, (10 * Entries) + start),
            start => InsertAndRemove(unlimited, Entries + start));

        var reads = new ReadCounters();
        Report("counting a hit / nothing", _ => Count(reads), _ => CountNothing());
        return 0;
    }

    private static void Report(string what, Action<int> first, Action<int> second)
    {
        (double one, double two) = ShortRounds.Run(first, second);
        Console.WriteLine($"{what,-56}{one,8:0.0} / {two,8:0.0} ns   {one / two:0.00}");
    }

    private static ReplicatedNode Create(long limit) =>
        new(new ReplicatedCacheOptions { MemoryLimit = limit }, TimeProvider.System, NullLoggerFactory.Instance);

    private static string[] Sample(int bound, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, SampleSize).Select(_ => StoreCache.KeyOf(random.Next(bound)))];
    }

    private static void Set(ReplicatedNode node, int key) => node.Set(StoreCache.KeyOf(key), new ReadOnlySequence<byte>(Value), default);

    private static void Read(ReplicatedNode node, string[] keys, int start)
    {
        Span<byte> destination = stackalloc byte[StoreCache.ValueSize];
        foreach (string key in Round(keys, start))
        {
            node.TryGet(key, destination, out _);
        }
    }

    private static void Write(ReplicatedNode node, string[] keys, int start)
    {
        foreach (string key in Round(keys, start))
        {
            node.Set(key, new ReadOnlySequence<byte>(Value), default);
        }
    }

    private static Span<string> Round(string[] keys, int start) => keys.AsSpan(start % SampleSize, ShortRounds.Operations);

    private static void Insert(ReplicatedNode node, int start)
    {
        for (int i = start; i < start + ShortRounds.Operations; i++)
        {
            Set(node, i);
        }
    }

    private static void InsertAndRemove(ReplicatedNode node, int start)
    {
        for (int i = start; i < start + ShortRounds.Operations; i++)
        {
            node.Remove(StoreCache.KeyOf(i - Entries));
            Set(node, i);
        }
    }

    private static void Count(ReadCounters reads)
    {
        for (int i = 0; i < ShortRounds.Operations; i++)
        {
            reads.Count(isHit: true);
        }
    }

    private static void CountNothing()
    {
        long count = 0;
        for (int i = 0; i < ShortRounds.Operations; i++)
        {
            Volatile.Write(ref count, count + 1);
        }
    }
}
