using System.Buffers;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Benchmarks.HitRatio;

/// <summary>
/// What a limit costs. Reads and overwrites are of one node whose limit is set and taken away; inserts are of nodes that take turns, since one must be full. Calls
/// go to the node, as the cache makes them, counting and gate included.
/// </summary>
internal static class LimitCostRun
{
    private const int Entries = 300_000;
    private const int SampleSize = 40 * ShortRounds.Operations;
    private const int HotKeys = 1_000;

    private static readonly byte[] Value = new byte[StoreCache.ValueSize];

    public static int Run()
    {
        ReplicatedCacheOptions unlimited = new();
        ReplicatedCacheOptions limited = new() { MemoryLimit = 1L << 30 };
        using ReplicatedNode node = Create(unlimited);
        using ReplicatedNode full = Create(new ReplicatedCacheOptions { MemoryLimit = 32L << 20 });
        using ReplicatedNode growing = Create(unlimited);
        node.Reconfigure(unlimited, limited);
        for (int i = 0; i < Entries; i++)
        {
            Set(node, i);
            Set(full, i);
        }

        string[] random = Sample(Entries, 1);
        string[] hot = Sample(HotKeys, 2);
        string[] distinct = InAnyOrder(3);
        LimitPhases phases = new(node, unlimited, limited);
        Report("hot read, limit not reached / no limit", phases, () => ReadAll(node, hot), start => Read(node, hot, start));
        Report("random read, limit not reached / no limit", phases, () => ReadAll(node, random), start => Read(node, random, start));
        Report("overwrite, limit not reached / no limit", phases, () => WriteAll(node, random), start => Write(node, random, start));
        Report("first read of an entry, limit not reached / no limit", phases, () => InsertAnew(node, distinct), start => Read(node, distinct, start));

        node.Reconfigure(limited, unlimited);
        Report("new entry that evicts / new entry, no limit", start => Insert(full, Entries + start), start => Insert(growing, start));
        Report(
            "new entry that evicts / removal by hand and new entry",
            start => Insert(full, (10 * Entries) + start),
            start => InsertAndRemove(node, Entries + start));

        var reads = new ReadCounters();
        Report("counting a hit / nothing", _ => Count(reads), _ => CountNothing());
        return 0;
    }

    private static void Report(string what, Action<int> first, Action<int> second)
    {
        (double one, double two) = ShortRounds.Run(first, second);
        Console.WriteLine($"{what,-56}{one,8:0.0} / {two,8:0.0} ns   {one / two:0.00}");
    }

    private static void Report(string what, LimitPhases phases, Action prepare, Action<int> round)
    {
        (double limited, double unlimited, double ratio) = phases.Run(prepare, round, SampleSize / ShortRounds.Operations);
        Console.WriteLine($"{what,-56}{limited,8:0.0} / {unlimited,8:0.0} ns   {ratio:0.00}");
    }

    private static ReplicatedNode Create(ReplicatedCacheOptions options) => new(options, TimeProvider.System, NullLoggerFactory.Instance);

    private static string[] Sample(int bound, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, SampleSize).Select(_ => StoreCache.KeyOf(random.Next(bound)))];
    }

    // Each key once, so that a pass over them reads every entry for the first time.
    private static string[] InAnyOrder(int seed)
    {
        int[] numbers = [.. Enumerable.Range(0, Entries)];
        new Random(seed).Shuffle(numbers);
        return [.. numbers.Take(SampleSize).Select(StoreCache.KeyOf)];
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

    private static void ReadAll(ReplicatedNode node, string[] keys)
    {
        for (int start = 0; start < keys.Length; start += ShortRounds.Operations)
        {
            Read(node, keys, start);
        }
    }

    private static void WriteAll(ReplicatedNode node, string[] keys)
    {
        for (int start = 0; start < keys.Length; start += ShortRounds.Operations)
        {
            Write(node, keys, start);
        }
    }

    private static void InsertAnew(ReplicatedNode node, string[] keys)
    {
        foreach (string key in keys)
        {
            node.Remove(key);
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
