using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>Times of single operations, the contenders taking turns in one process.</summary>
internal static class SpeedPart
{
    private const int SampleSize = 500_000;
    private const int HotKeys = 1_000;

    /// <summary>Two threads on a shared machine scatter more than one does.</summary>
    private const int ScaleRounds = 25;

    public static void Run(int entries)
    {
        BenchmarkStore store = Contenders.CreateStore(entries);
        ConcurrentDictionary<string, byte[]> dictionary = Contenders.CreateDictionary(entries);
        MemoryDistributedCache cache = Contenders.CreateMemoryCache(entries);
        string[] sample = BenchmarkKeys.CreateSample(entries, SampleSize, seed: 1);
        string[] hot = BenchmarkKeys.CreateSample(HotKeys, SampleSize / 10, seed: 2);
        hot = [.. Enumerable.Range(0, 10).SelectMany(_ => hot)];

        Interleaved tryGet = Interleaved.Run(() => TryGet(store, sample), () => CopyFrom(dictionary, sample));
        StoreChild.Report("tryget.store", tryGet.Nanoseconds(0));
        StoreChild.Report("tryget.dictionary", tryGet.Nanoseconds(1));
        StoreChild.Report("tryget.ratio", tryGet.Ratio(0, 1));
        StoreChild.Report("tryget.allocated", AllocatedPerCall(() => TryGet(store, sample)));

        Interleaved get = Interleaved.Run(() => Get(store, sample), () => Get(cache, sample));
        StoreChild.Report("get.store", get.Nanoseconds(0));
        StoreChild.Report("get.cache", get.Nanoseconds(1));
        StoreChild.Report("get.ratio", get.Ratio(1, 0));

        Interleaved hotGet = Interleaved.Run(() => TryGet(store, hot), () => CopyFrom(dictionary, hot), () => Get(cache, hot));
        StoreChild.Report("hot.store", hotGet.Nanoseconds(0));
        StoreChild.Report("hot.dictionary", hotGet.Nanoseconds(1));
        StoreChild.Report("hot.cache", hotGet.Nanoseconds(2));
        StoreChild.Report("hot.ratio", hotGet.Ratio(0, 1));
        StoreChild.Report("hot.cacheratio", hotGet.Ratio(0, 2));

        Scale(store, dictionary, sample);

        // Last, since it leaves garbage of the other's. The value is made by the caller, once, for both.
        byte[] value = Contenders.NewValue(3);
        Interleaved set = Interleaved.Run(() => Set(store, sample, value), () => Set(cache, sample, value));
        StoreChild.Report("set.store", set.Nanoseconds(0));
        StoreChild.Report("set.cache", set.Nanoseconds(1));
        StoreChild.Report("set.ratio", set.Ratio(1, 0));
        StoreChild.Report("set.allocated", AllocatedPerCall(() => Set(store, sample, value)));
    }

    private static void Scale(BenchmarkStore store, ConcurrentDictionary<string, byte[]> dictionary, string[] sample)
    {
        Interleaved times = Interleaved.Run(
            ScaleRounds,
            () => TryGet(store, sample),
            () => InTwoThreads(() => TryGet(store, sample)),
            () => CopyFrom(dictionary, sample),
            () => InTwoThreads(() => CopyFrom(dictionary, sample)));
        StoreChild.Report("scale.store", times.Ratio(0, 1));
        StoreChild.Report("scale.dictionary", times.Ratio(2, 3));
    }

    private static long InTwoThreads(Func<long> work)
    {
        Thread other = new(() => work());
        other.Start();
        long operations = work();
        other.Join();
        return 2 * operations;
    }

    private static long TryGet(BenchmarkStore store, string[] keys)
    {
        byte[] buffer = new byte[256];
        foreach (string key in keys)
        {
            store.Store.TryGet(key, buffer, out _);
        }

        return keys.Length;
    }

    private static long CopyFrom(ConcurrentDictionary<string, byte[]> dictionary, string[] keys)
    {
        byte[] buffer = new byte[256];
        foreach (string key in keys)
        {
            if (dictionary.TryGetValue(key, out byte[]? value))
            {
                value.CopyTo(buffer.AsSpan());
            }
        }

        return keys.Length;
    }

    private static long Get(BenchmarkStore store, string[] keys)
    {
        foreach (string key in keys)
        {
            store.Store.Get(key, out _);
        }

        return keys.Length;
    }

    private static long Get(MemoryDistributedCache cache, string[] keys)
    {
        foreach (string key in keys)
        {
            cache.Get(key);
        }

        return keys.Length;
    }

    private static long Set(BenchmarkStore store, string[] keys, byte[] value)
    {
        foreach (string key in keys)
        {
            store.Set(key, value);
        }

        return keys.Length;
    }

    private static long Set(MemoryDistributedCache cache, string[] keys, byte[] value)
    {
        foreach (string key in keys)
        {
            Contenders.Overwrite(cache, key, value);
        }

        return keys.Length;
    }

    private static double AllocatedPerCall(Func<long> work)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long operations = work();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)operations;
    }
}
