using System.Runtime.InteropServices;
using EmbeddedRepl.FaultRun;
using EmbeddedRepl.FaultRun.History;

// Real processes under real faults; see DESIGN.md. The last line is "N passed, N failed": faults that were passed, and what was found.
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
return new RunSeries(options, Console.Out, cancellation.Token).Run();
