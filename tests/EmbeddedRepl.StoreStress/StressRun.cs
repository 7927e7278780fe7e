using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using EmbeddedRepl.Storage;
using EmbeddedRepl.StoreStress.Model;
using EmbeddedRepl.StoreStress.Workers;

namespace EmbeddedRepl.StoreStress;

/// <summary>Round after round until the time is over or something was found.</summary>
internal static class StressRun
{
    private const int Writers = 2;
    private const double SecondsPerRound = 1.5;

    /// <summary>How many times as long a round may last that has not yet done what it is for.</summary>
    private const int LongestRound = 6;

    // Without these a run has not tried what it is for.
    private static readonly string[] Needed =
    [
        "sets", "removals", "reads that hit", "reads that miss", "reads of metadata, touches", "reads into too small a buffer", "snapshots", "walks over keys", "evictions", "expirations", "clears", "swaps",
        "changes of the limit", "rounds of maintenance", "rounds of touches", "forced collections", "bursts of entries that come and go",
        "evacuations under readers' eyes", "reads that were held up",
    ];

    public static int Run(StressOptions options, TextWriter output)
    {
        output.WriteLine(Line($"{options.Seconds} s with {options.Threads} readers, {Writers} writers, an iterator and forced collections, seed {options.Seed}; server GC {GCSettings.IsServerGC}, latency {GCSettings.LatencyMode}, AES {KeyHash.IsAccelerated}"));
        var counts = new StressCounts();
        var pool = new SegmentPool();
        var names = new KeyNames(RoundPlan.MaxKeys);
        long start = Stopwatch.GetTimestamp();
        int rounds = 0;
        List<string> findings = [];
        while (findings.Count == 0 && Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds)
        {
            RoundPlan plan = RoundPlan.Draw(new Random(options.Seed + rounds), rounds);
            var round = new StressRound(plan, pool, names);
            double left = options.Seconds - Stopwatch.GetElapsedTime(start).TotalSeconds;
            RunRound(round, options.Threads, options.Seed + (rounds * 1_000), TimeSpan.FromSeconds(Math.Min(SecondsPerRound, Math.Max(left, 0.2))));
            FinalCheck.Run(round);
            counts.Add(round.Counts);
            counts.Add("reads that waited for the gate", round.Store.GatedReads);
            foreach (string finding in round.Findings)
            {
                findings.Add($"round {rounds}, {plan}: {finding}");
            }

            rounds++;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach ((string kind, long count) in counts.All)
        {
            output.WriteLine(Line($"{count,14:N0} {kind}"));
        }

        // A short run cannot do everything.
        string[] missing = rounds < 12 ? [] : [.. Needed.Where(kind => counts[kind] == 0)];
        findings.AddRange(missing.Select(kind => $"'{kind}' never happened"));
        foreach (string finding in findings)
        {
            output.WriteLine("FOUND " + finding);
        }

        output.WriteLine(Line($"{rounds} rounds in {seconds:F1} s"));
        output.WriteLine($"{(findings.Count == 0 ? rounds : rounds - 1)} passed, {(findings.Count == 0 ? 0 : 1)} failed");
        return findings.Count == 0 ? 0 : 1;
    }

    private static void RunRound(StressRound round, int readers, int seed, TimeSpan duration)
    {
        new Writer(round, seed + 300).Fill();
        List<Action> bodies = [];
        bodies.AddRange(Enumerable.Range(0, readers).Select(i => (Action)new Reader(round, seed + i).Run));
        bodies.AddRange(Enumerable.Range(0, Writers).Select(i => (Action)new Writer(round, seed + 100 + i).Run));
        bodies.Add(new Walker(round, seed + 200).Run);
        bodies.Add(new Evacuator(round, seed + 400).Run);
        bodies.Add(new Collector(round).Run);
        Thread[] threads = [.. bodies.Select(body => new Thread(() => Guard(round, body)) { IsBackground = true })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        long start = Stopwatch.GetTimestamp();
        while (!round.IsDone && Stopwatch.GetElapsedTime(start) < duration * (round.MissingEvacuations > 0 ? LongestRound : 1))
        {
            Thread.Sleep(10);
        }

        round.IsDone = true;
        foreach (Thread thread in threads)
        {
            if (!thread.Join(TimeSpan.FromSeconds(60)))
            {
                // Nothing can be said about what a thread does that does not end.
                throw new TimeoutException("A thread does not end: " + round.Plan);
            }
        }
    }

    private static void Guard(StressRound round, Action body)
    {
        try
        {
            body();
        }
        catch (Exception exception)
        {
            round.Fail($"{exception}");
        }
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
