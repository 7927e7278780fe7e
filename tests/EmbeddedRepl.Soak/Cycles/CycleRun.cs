using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using EmbeddedRepl.Soak.Measurement;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Soak.Cycles;

/// <summary>Lets replicas come and go, thousands of times, and measures after every few of them what is left.</summary>
internal static class CycleRun
{
    private const int Samples = 40;

    // A master remembers up to 4,096 processes that have sent it writes, about 250 B for each, and one cycle in ten is such a process; a leak of one session, or of anything that a cycle makes, is far more.
    private const double HeapPerCycle = 32;

    /// <param name="count">How many cycles.</param>
    /// <param name="seed">What they are drawn from.</param>
    /// <param name="only">The name of the one kind that is wanted, to find out which one it is that leaks; null for all.</param>
    /// <param name="output">Where it is printed.</param>
    public static int Run(int count, int seed, string? only, TextWriter output)
    {
        // A refused full sync and an ignored configuration are what some cycles are for.
        var log = new ErrorLog(1504);
        using var nodes = new CycleNodes(log, seed);
        var growth = new GrowthCheck(Resources(nodes), "cycles");
        var random = new Random(seed);
        var done = new int[CycleKinds.All.Count];
        int[] draw = [.. CycleKinds.All.SelectMany((kind, index) => Enumerable.Repeat(index, only is null || kind.Name == only ? kind.Weight : 0))];
        output.WriteLine($"{count} cycles, seed {seed}");
        long start = Stopwatch.GetTimestamp();
        int perSample = Math.Max(1, count / Samples);
        for (int i = 1; i <= count; i++)
        {
            int kind = draw[random.Next(draw.Length)];
            RunOne(CycleKinds.All[kind], nodes, random, log);
            done[kind]++;
            if (i % perSample == 0)
            {
                nodes.WaitUntilQuiet();
                long[] values = growth.Sample(i);
                if (growth.Count % 10 == 0)
                {
                    output.WriteLine(Line($"{Stopwatch.GetElapsedTime(start).TotalSeconds,6:F0} s, {i} cycles: {growth.Describe(values)}"));
                }
            }
        }

        (int passed, int failed) = growth.Report(output);
        output.WriteLine();
        for (int i = 0; i < done.Length; i++)
        {
            output.WriteLine($"{done[i],7} {CycleKinds.All[i].Name}");
        }

        output.WriteLine();
        output.WriteLine(Line($"{count} cycles in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s; {nodes.Census.Watched} objects were let go; alive: {(nodes.Census.CountAlive() == 0 ? "none" : nodes.Census.Describe())}"));
        (passed, failed) = log.Count == 0 ? (passed + 1, failed) : (passed, failed + 1);
        output.WriteLine($"{log.Count} unexpected errors");
        foreach (string error in log.First)
        {
            output.WriteLine("  " + error);
        }

        output.WriteLine($"{passed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    // By itself, so that nothing of a cycle stays in a register or on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunOne(CycleKind kind, CycleNodes nodes, Random random, ErrorLog log)
    {
        try
        {
            kind.Run(nodes, random);
        }
        catch (Exception exception)
        {
            log.Add($"{kind.Name}: {exception}");
        }
    }

    private static Resource[] Resources(CycleNodes nodes) =>
    [
        .. ProcessResources.All(HeapPerCycle),
        new("objects let go and alive", nodes.Census.CountAlive, Slack: 0),
        new("sessions of the master", () => nodes.Master.Runtime.OpenSessions, Slack: 0),
        new("stream held by the master (B)", () => nodes.Master.GetReplicationInfo().StreamBytes, Slack: 128 << 10),
        new("waiting callers", () => nodes.Master.GetReplicationInfo().WaitingCallers, Slack: 0),
    ];

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
