using System.Collections.Concurrent;
using System.Diagnostics;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>The longest stop of all threads by the garbage collector, and the time of single writes, while values arrive as fresh arrays.</summary>
internal static class PausePart
{
    private const int Overwrites = 2_000_000;
    private const int SampleSize = 500_000;

    public static void Run(string contender, int entries)
    {
        Action<string, byte[]> overwrite;
        if (contender == "store")
        {
            BenchmarkStore store = Contenders.CreateStore(entries);
            overwrite = (key, value) => store.Set(key, value);
        }
        else
        {
            ConcurrentDictionary<string, byte[]> dictionary = Contenders.CreateDictionary(entries);
            overwrite = (key, value) => dictionary[key] = value;
        }

        string[] sample = BenchmarkKeys.CreateSample(entries, SampleSize, seed: 3);
        long[] ticks = new long[Overwrites];

        // What was just built is promoted for good, so that it is not counted against either.
        for (int generation = 0; generation < 3; generation++)
        {
            GC.Collect();
        }

        using PauseListener pauses = new();
        for (int i = 0; i < Overwrites; i++)
        {
            byte[] value = Contenders.NewValue(i);
            string key = sample[i % SampleSize];
            long start = Stopwatch.GetTimestamp();
            overwrite(key, value);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }

        StoreChild.Report("pause", pauses.Longest.TotalMilliseconds);
        StoreChild.Report("collections", pauses.Count);
        Array.Sort(ticks);
        double microseconds = 1_000_000.0 / Stopwatch.Frequency;
        StoreChild.Report("p50", ticks[Overwrites / 2] * microseconds);
        StoreChild.Report("p99", ticks[(int)(Overwrites * 0.99)] * microseconds);
        StoreChild.Report("p9999", ticks[(int)(Overwrites * 0.9999)] * microseconds);
        StoreChild.Report("max", ticks[^1] * microseconds);
        GC.KeepAlive(overwrite);
    }
}
