namespace EmbeddedRepl.Benchmarks.HitRatio;

/// <summary>
/// How often each policy has what it is asked for. The node is given a memory limit, the others the number of entries that it holds in the end. What the first third of
/// a trace finds does not count.
/// </summary>
internal static class HitRatioRun
{
    private const long MemoryLimit = 16 << 20;

    public static int Run(string[] args)
    {
        int capacity = MeasureCapacity();
        int length = args is ["--length", string text] ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 14 * capacity;
        Console.WriteLine($"limit {MemoryLimit >> 20} MiB, about {capacity:N0} entries of {StoreCache.ValueSize} B; {length:N0} accesses, the last two thirds count");
        Console.WriteLine($"{"",-44}{"entries",9}{"EmbeddedRepl",14}{"LRU",10}{"MemoryCache",14}");
        int ten = 10 * capacity;
        int fifty = 50 * capacity;
        Compare("Zipf 0.7, 10 times as many keys as room", AccessTraces.Zipf(ten, 0.7, length));
        Compare("Zipf 0.9, 10 times", AccessTraces.Zipf(ten, 0.9, length));
        Compare("Zipf 1.0, 10 times", AccessTraces.Zipf(ten, 1.0, length));
        Compare("Zipf 1.1, 10 times", AccessTraces.Zipf(ten, 1.1, length));
        Compare("Zipf 0.9, 50 times", AccessTraces.Zipf(fifty, 0.9, length));
        Compare("Zipf 0.9, 10 times, with scans", AccessTraces.ZipfWithScans(ten, 0.9, length, 2 * capacity, 8 * capacity));
        Compare("Zipf 0.9, 10 times, others popular 4 times", AccessTraces.ShiftingZipf(ten, 0.9, length, 4));
        Compare("loop over 1.2 times the room", AccessTraces.Loop(capacity * 12 / 10, length));
        Compare("loop over 2 times the room", AccessTraces.Loop(2 * capacity, length));
        return 0;
    }

    private static int MeasureCapacity()
    {
        using var store = new StoreCache(MemoryLimit);
        for (int i = 0; i < 500_000; i++)
        {
            store.Access(i);
        }

        return (int)store.Count;
    }

    private static void Compare(string name, int[] trace)
    {
        using var store = new StoreCache(MemoryLimit);
        double ours = Ratio(store, trace);
        int room = (int)store.Count;
        using var memoryCache = new CompactingMemoryCache(room);
        Console.WriteLine($"{name,-44}{room,9:N0}{ours,14:P2}{Ratio(new ExactLru(room), trace),10:P2}{Ratio(memoryCache, trace),14:P2}");
    }

    private static double Ratio(IHitRatioCache cache, int[] trace)
    {
        int start = trace.Length / 3;
        int hits = 0;
        for (int i = 0; i < trace.Length; i++)
        {
            bool hit = cache.Access(trace[i]);
            hits += hit && i >= start ? 1 : 0;
        }

        return (double)hits / (trace.Length - start);
    }
}
