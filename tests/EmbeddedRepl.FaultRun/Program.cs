using System.Runtime.InteropServices;
using EmbeddedRepl.FaultRun;
using EmbeddedRepl.FaultRun.History;

// Real processes under real faults; see DESIGN.md. The last line is "N passed, N failed": each fault is one that was passed, each violation and each failure one that was not.
if (args is ["--check", var folder])
{
    RunHistory kept = RunHistory.Load(folder);
    CheckResult again = HistoryChecker.Check(kept);
    Report.Print(Console.Out, kept, again);
    Console.WriteLine($"{(again.Violations.Count == 0 ? 1 : 0)} passed, {again.Violations.Count} failed");
    return again.Violations.Count == 0 ? 0 : 1;
}

if (RunOptions.Parse(args) is not { } options)
{
    Console.WriteLine(RunOptions.Usage);
    return 2;
}

using var cancellation = new CancellationTokenSource();
void Cancel(PosixSignalContext context)
{
    // The process ends when everything is cleaned up.
    context.Cancel = true;
    cancellation.Cancel();
}

using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
string logs = Directory.CreateTempSubdirectory("embeddedrepl-faultrun-").FullName;
Console.WriteLine($"seed {options.Seed}, {options.Nodes} nodes, {options.Duration.TotalMinutes} minutes, logs in {logs}");

int faults = 0;
List<string> failures = [];
using (var runner = new FaultRunner(options, logs, Console.Out, cancellation.Token))
{
    try
    {
        runner.Run();
    }
    catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
    {
        failures.Add("interrupted");
    }
#pragma warning disable CA1031 // Whatever it is, everything has to be cleaned up, and the logs say more.
    catch (Exception exception)
#pragma warning restore CA1031
    {
        failures.Add(exception.ToString());
    }

    runner.KeepLogs(logs);
    failures.AddRange(runner.Failures);
    faults = runner.Faults.Values.Sum();
    Console.WriteLine();
    Console.WriteLine($"{faults} faults:");
    foreach ((string kind, int count) in runner.Faults)
    {
        Console.WriteLine($"{count,9} {kind}");
    }

    Console.WriteLine($"{runner.Summary}; equal {runner.EqualAfterMilliseconds} ms after the last fault");
}

RunHistory history = RunHistory.Load(logs);
CheckResult result = HistoryChecker.Check(history);
Report.Print(Console.Out, history, result);
foreach (string failure in failures)
{
    Console.WriteLine($"FAILED {failure}");
}

int failed = failures.Count + result.Violations.Count;
if (failed == 0 && !options.KeepsLogs)
{
    Directory.Delete(logs, recursive: true);
}
else
{
    Console.WriteLine($"logs: {logs}");
    Console.WriteLine($"again: dotnet run -c Release --project tests/EmbeddedRepl.FaultRun -- --seed {options.Seed} --nodes {options.Nodes} --minutes {options.Duration.TotalMinutes}");
}

Console.WriteLine($"{faults} passed, {failed} failed");
return failed == 0 ? 0 : 1;
