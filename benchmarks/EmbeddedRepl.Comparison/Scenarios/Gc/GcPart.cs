using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Comparison.Local;

namespace EmbeddedRepl.Comparison.Scenarios.Gc;

/// <summary>How long the garbage collector stops a process that reads arrays and writes fresh values, nine reads to a write.</summary>
internal static class GcPart
{
    public const string Name = "gc";

    private const int Threads = 2;
    private const int WriteEvery = 10;

    // The runtime hands its events over some time after they happened.
    private static readonly TimeSpan EventDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>The kind, the number of entries and the seconds; says the pauses and what was done.</summary>
    public static void Run(string[] arguments)
    {
        int entries = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        var duration = TimeSpan.FromSeconds(int.Parse(arguments[2], CultureInfo.InvariantCulture));
        using ILocalCache cache = LocalCaches.Create(arguments[0]);
        for (int i = 0; i < entries; i++)
        {
            cache.Set(EntryKeys.Create(i), EntryValues.Create(i));
        }

        // What was just built is promoted for good, so that it is not counted against anybody.
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            GC.Collect();
        }

        using var pauses = new PauseListener();
        TimeSpan before = GC.GetTotalPauseDuration();
        (long operations, long wrong) = Load(cache, entries, duration);
        TimeSpan total = GC.GetTotalPauseDuration() - before;
        Thread.Sleep(EventDelay);
        PartProcess.Say("longest", pauses.Longest.TotalMilliseconds);
        PartProcess.Say("total", total.TotalMilliseconds);
        PartProcess.Say("pauses", pauses.Count);
        PartProcess.Say("operations", operations / duration.TotalSeconds);
        PartProcess.Say("wrong", wrong);
    }

    private static (long Operations, long Wrong) Load(ILocalCache cache, int entries, TimeSpan duration)
    {
        long operations = 0;
        long wrong = 0;
        long start = Stopwatch.GetTimestamp();
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(seed => new Thread(() =>
        {
            (long done, long bad) = LoadOne(cache, entries, new Random(seed), () => Stopwatch.GetElapsedTime(start) < duration);
            Interlocked.Add(ref operations, done);
            Interlocked.Add(ref wrong, bad);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return (operations, wrong);
    }

    /// <summary>Keys are strings of their own and values arrays of their own, as requests bring them.</summary>
    private static (long Operations, long Wrong) LoadOne(ILocalCache cache, int entries, Random random, Func<bool> goesOn)
    {
        long operations = 0;
        long wrong = 0;
        while (goesOn())
        {
            for (int i = 0; i < 10 * WriteEvery; i++, operations++)
            {
                int number = random.Next(entries);
                string key = EntryKeys.Create(number);
                if (i % WriteEvery == 0)
                {
                    cache.Set(key, EntryValues.Create(number));
                }
                else if (!EntryValues.IsOf(number, cache.Get(key)))
                {
                    wrong++;
                }
            }
        }

        return (operations, wrong);
    }
}
