using System.Globalization;
using EmbeddedRepl.FaultRun.History;

namespace EmbeddedRepl.FaultRun;

/// <summary>
/// Runs as many rounds as the time asks for, each with a cluster, a seed and logs of its own, and checks each before the next one: what a round of more than ten minutes logs would not fit into memory at some time.
/// </summary>
internal sealed class RunSeries(RunOptions options, TextWriter output, CancellationToken cancellation)
{
    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(10);

    private readonly SortedDictionary<string, int> _faults = new(StringComparer.Ordinal);
    private int _failed;
    private int _lost;

    /// <returns>The exit code.</returns>
    public int Run()
    {
        int rounds = (int)Math.Ceiling(options.Duration / LongestRound);
        for (int round = 0; round < rounds && !cancellation.IsCancellationRequested; round++)
        {
            Play(options with { Duration = options.Duration / rounds, Seed = options.Seed + round });
        }

        int faults = _faults.Values.Sum();
        if (rounds > 1)
        {
            output.WriteLine();
            PrintFaults(_faults);
            output.WriteLine(Line($"lost = {_lost}"));
        }

        output.WriteLine(Line($"{faults} passed, {_failed} failed"));
        return _failed == 0 ? 0 : 1;
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    private void Play(RunOptions round)
    {
        string logs = Directory.CreateTempSubdirectory("embeddedrepl-faultrun-").FullName;
        output.WriteLine(Line($"seed {round.Seed}, {round.Nodes} nodes, {round.Duration.TotalMinutes} minutes, logs in {logs}"));
        List<string> failures = LetItRun(round, logs);
        RunHistory history = RunHistory.Load(logs);
        CheckResult result = HistoryChecker.Check(history);
        Report.Print(output, history, result);
        foreach (string failure in failures)
        {
            output.WriteLine($"FAILED {failure}");
        }

        int failed = failures.Count + result.Violations.Count;
        _failed += failed;
        _lost += result.Losses.Lost;
        if (failed == 0 && !round.KeepsLogs)
        {
            Directory.Delete(logs, recursive: true);
            return;
        }

        output.WriteLine($"logs: {logs}");
        output.WriteLine(Line(
            $"again: dotnet run -c Release --project tests/EmbeddedRepl.FaultRun -- --seed {round.Seed} --nodes {round.Nodes} --minutes {round.Duration.TotalMinutes}{(round.UsesLoopback ? " --loopback" : "")}"));
    }

    private List<string> LetItRun(RunOptions round, string logs)
    {
        List<string> failures = [];
        try
        {
            using var runner = new FaultRunner(round, logs, output, cancellation);
            try
            {
                runner.Run();
            }
            finally
            {
                runner.KeepLogs(logs);
                failures.AddRange(runner.Failures);
                output.WriteLine();
                PrintFaults(runner.Faults);
                output.WriteLine(Line($"{runner.Summary}; equal {runner.EqualAfterMilliseconds} ms after the last fault"));
                foreach ((string kind, int count) in runner.Faults)
                {
                    _faults[kind] = _faults.GetValueOrDefault(kind) + count;
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            failures.Add("interrupted");
        }
#pragma warning disable CA1031 // Whatever it is, everything has been cleaned up, and the logs say more.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failures.Add(exception.ToString());
        }

        return failures;
    }

    private void PrintFaults(SortedDictionary<string, int> faults)
    {
        output.WriteLine(Line($"{faults.Values.Sum()} faults:"));
        foreach ((string kind, int count) in faults)
        {
            output.WriteLine(Line($"{count,9} {kind}"));
        }
    }
}
