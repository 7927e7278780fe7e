using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Fuzz.Targets;

namespace EmbeddedRepl.Fuzz;

/// <summary>Gives inputs to targets until there were enough, and prints what they reached. One thread.</summary>
internal static class FuzzRun
{
    private const int MaxFindings = 10;
    private const int MaxPrintedBytes = 4_096;

    /// <summary>What an input may allocate for each of its bytes, besides the limit of its target.</summary>
    private const int AllocationPerByte = 16;

    /// <summary>Runs of fewer inputs cannot reach everything.</summary>
    private const long InputsForCoverage = 1_500_000;

    private static readonly TimeSpan Progress = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<IFuzzTarget> Targets() =>
    [
        new FrameTarget(),
        new RecordTarget(),
        new OperationTarget(),
        new MessagePackTarget(),
        new AssemblerTarget(),
        new TextTarget(),
        new SnapshotFileTarget(),
        new MasterSessionTarget(),
        new ReplicaLinkTarget(),
        new RecordedSessionTarget(),
        new NodeTarget(),
    ];

    public static int Run(FuzzOptions options, TextWriter output)
    {
        IFuzzTarget[] targets = [.. Targets().Where(target => options.Target is null || options.Target.Split(',').Contains(target.Name))];
        int[] draw = [.. targets.SelectMany((target, index) => Enumerable.Repeat(index, target.Weight))];
        var coverage = new Coverage(RefusalSites.Find());
        var random = new FuzzRandom();
        var input = new InputBuffer();
        var inputs = new long[targets.Length];
        List<string> findings = [];
        output.WriteLine(Line($"seed {options.Seed}, from input {options.First} on, {(options.Inputs is { } wanted ? wanted.ToString("N0", CultureInfo.InvariantCulture) + " inputs" : $"{options.Seconds} s")}, targets {string.Join(", ", targets.Select(target => target.Name))}"));
        long start = Stopwatch.GetTimestamp();
        long next = 0;
        TimeSpan nextProgress = Progress;
        using var watchdog = new Watchdog(hanging => output.WriteLine(Line($"FOUND a hang at input {hanging}: --seed {options.Seed} --first {hanging} --inputs 1")));
        for (long i = options.First; ; i++, next++)
        {
            if (options.Inputs is { } count ? next >= count : (next & 0xFF) == 0 && Stopwatch.GetElapsedTime(start).TotalSeconds >= options.Seconds)
            {
                break;
            }

            if (findings.Count >= MaxFindings)
            {
                break;
            }

            if ((next & 0xFFF) == 0 && Stopwatch.GetElapsedTime(start) >= nextProgress)
            {
                nextProgress += Progress;
                output.WriteLine(Line($"{Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s: {next:N0} inputs, {findings.Count} findings"));
                output.Flush();
            }

            watchdog.Begin(i);
            random.Reset(options.Seed, (ulong)i);
            int index = draw[random.Next(draw.Length)];
            inputs[index]++;
            if (RunOne(targets[index], random, input, coverage) is { } finding)
            {
                findings.Add(finding);
                output.WriteLine(Line($"FOUND by {targets[index].Name} at input {i} (--seed {options.Seed} --first {i} --inputs 1{(options.Target is null ? "" : " --target " + options.Target)}): {finding}"));
                output.WriteLine($"  {input.Length} bytes: {Convert.ToHexStringLower(input.Span[..Math.Min(input.Length, MaxPrintedBytes)])}");
            }

            coverage.Settle();
        }

        findings.AddRange(FinishAll(targets, output));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int missing = CoverageReport.Print(coverage, isComplete: options.Target is null && next >= InputsForCoverage, output);
        output.WriteLine();
        for (int i = 0; i < targets.Length; i++)
        {
            output.WriteLine(Line($"{inputs[i],14:N0} inputs for {targets[i].Name}"));
        }

        output.WriteLine(Line($"{next:N0} inputs in {seconds:F0} s, {next / seconds:N0} a second; {findings.Count} findings, {missing} things not reached"));
        int failed = findings.Count + missing;
        output.WriteLine($"{targets.Length - Math.Min(targets.Length, findings.Count)} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static string? RunOne(IFuzzTarget target, FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        input.Clear();
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Run(random, input, coverage);
        }
        catch (Exception exception)
        {
            return exception.ToString();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated > target.AllocationLimit + ((long)AllocationPerByte * input.Length)
            ? Line($"{allocated:N0} bytes were allocated for {input.Length:N0} bytes of input")
            : null;
    }

    private static List<string> FinishAll(IFuzzTarget[] targets, TextWriter output)
    {
        List<string> findings = [];
        foreach (IFuzzTarget target in targets)
        {
            try
            {
                target.Finish();
            }
            catch (FuzzFailedException exception)
            {
                findings.Add(exception.Message);
                output.WriteLine($"FOUND by {target.Name} at the end: {exception.Message}");
            }

            (target as IDisposable)?.Dispose();
        }

        return findings;
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
