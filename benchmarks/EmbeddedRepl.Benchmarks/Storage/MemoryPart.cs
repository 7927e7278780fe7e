using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>Resident memory of a process that holds nothing but one contender.</summary>
internal static class MemoryPart
{
    public static void Run(string contender, int entries)
    {
        // The same code is loaded in every process, also in the empty one, so that the difference is the data.
        WarmUp();
        object? held = contender switch
        {
            "store" => Contenders.CreateStore(entries),
            "dictionary" => Contenders.CreateDictionary(entries),
            "cache" => Contenders.CreateMemoryCache(entries),
            _ => null,
        };
        StoreChild.Report("rss", MeasureResident());
        StoreChild.Report("payload", Enumerable.Range(0, entries).Sum(KeyLength) + ((double)entries * Contenders.ValueSize));
        GC.KeepAlive(held);
    }

    /// <summary>Resident memory in bytes, without the garbage.</summary>
    public static double MeasureResident()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux())
        {
            string pages = File.ReadAllText("/proc/self/statm").Split(' ')[1];
            return double.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }

        using Process process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    public static void WarmUp()
    {
        const int Few = 100;
        Contenders.CreateStore(Few);
        Contenders.CreateDictionary(Few);
        Contenders.CreateMemoryCache(Few).Get(string.Empty);
    }

    private static double KeyLength(int number)
    {
        Span<char> key = stackalloc char[BenchmarkKeys.MaxLength];
        return BenchmarkKeys.Format(number, key);
    }
}
