using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Scenario;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Simulation;

/// <summary><c>--seeds N [--start S] [--regime first] | --seed N [--trace] [--regime first] | --churn N [--trace] | --cuts</c>; the last line printed is <c>N passed, N failed</c>.</summary>
internal static class CommandLine
{
    public static int Run(string[] args, TextWriter output)
    {
        if (args.Contains("--cuts"))
        {
            return RunCuts(output);
        }

        if (CommandArguments.Number<ulong>(args, "--churn") is { } churn)
        {
            ChurnScenario scenario = ChurnScenario.Run(churn, args.Contains("--trace") ? output : null);
            output.WriteLine(Line($"{scenario.Cuts} cuts, {scenario.Promotions} promotions, {scenario.Started} full syncs, {scenario.Completed} of them completed"));
            return Finish(output, scenario.Cluster.Situations, [], 1);
        }

        if (CommandArguments.Number<ulong>(args, "--seed") is { } seed)
        {
            RunResult result = RandomScenario.Run(seed, args.Contains("--trace") ? output : null, RegimeOf(args));
            output.WriteLine(Line($"seed {seed}: {result.VirtualMilliseconds} ms of virtual time, {result.Events} events, trace {result.TraceHash:x16}"));
            return Finish(output, result.Situations, result.Failure is null ? [] : [result], 1);
        }

        if (CommandArguments.Number<ulong>(args, "--seeds") is { } count)
        {
            return RunSeeds(CommandArguments.Number<ulong>(args, "--start") ?? 1, count, RegimeOf(args), output);
        }

        output.WriteLine("Usage: --seeds N [--start S] [--regime first] | --seed N [--trace] [--regime first] | --churn N [--trace] | --cuts");
        return 2;
    }

    private static int RunSeeds(ulong start, ulong count, Regime regime, TextWriter output)
    {
        var total = new Situations();
        List<RunResult> failed = [];
        long began = Stopwatch.GetTimestamp();
        long events = 0;
        var gate = new Lock();

        // Each seed is a world of its own and stays in one thread.
        Parallel.For((long)start, (long)(start + count), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            RunResult result = RandomScenario.Run((ulong)seed, regime: regime);
            lock (gate)
            {
                total.Add(result.Situations);
                events += result.Events;
                if (result.Failure is not null)
                {
                    failed.Add(result);
                    output.WriteLine($"seed {seed} failed: {result.Failure}");
                }
            }
        });
        failed.Sort((a, b) => a.Seed.CompareTo(b.Seed));

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        int code = Finish(output, total, failed, (long)count, Line($"{count} seeds in {seconds:F1} s, {count / seconds:F1} seeds/s, {events / seconds / 1000:F0} k events/s"), isRandom: regime == Regime.Full);
        return code;
    }

    private static int RunCuts(TextWriter output)
    {
        CutReport syncs = CutScenario.RunAll(output);
        CutReport writes = ForwardCutScenario.RunAll(output);
        int failed = syncs.Failures.Count + writes.Failures.Count;
        output.WriteLine($"{syncs.Passed + writes.Passed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static int Finish(TextWriter output, Situations situations, List<RunResult> failed, long count, string? figures = null, bool isRandom = false)
    {
        output.WriteLine();
        output.WriteLine("Details:");
        foreach ((string detail, long times) in situations.Counts)
        {
            output.WriteLine(Line($"{times,9} {detail}"));
        }

        output.WriteLine();
        output.WriteLine(Line($"Situations ({SituationCatalogue.All.Count}):"));
        foreach (Situation situation in SituationCatalogue.All)
        {
            output.WriteLine(Line($"{situations[situation],9} {situation.Name}"));
        }

        IReadOnlyList<Situation> missing = isRandom ? situations.MissingAfter(count) : [];

        output.WriteLine();
        foreach (RunResult result in failed)
        {
            output.WriteLine($"FAILED seed {result.Seed}: {result.Failure}");
            output.WriteLine($"  again: dotnet run -c Release --project tests/EmbeddedRepl.Simulation -- --seed {result.Seed} --trace");
        }

        if (figures is not null)
        {
            output.WriteLine(figures);
        }

        foreach (Situation situation in missing)
        {
            output.WriteLine(Line($"MISSING: \"{situation.Name}\" came up {situations[situation]} times in {count} seeds, and must at least {SituationCatalogue.Least} times."));
        }

        output.WriteLine($"{count - failed.Count} passed, {failed.Count} failed");
        return failed.Count == 0 && missing.Count == 0 ? 0 : 1;
    }

    private static Regime RegimeOf(string[] args) => CommandArguments.Text(args, "--regime") == "first" ? Regime.First : Regime.Full;

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
