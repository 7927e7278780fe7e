using System.Globalization;
using EmbeddedRepl.Comparison.Local;
using EmbeddedRepl.Comparison.Runner;
using EmbeddedRepl.Comparison.Scenarios.Memory;

namespace EmbeddedRepl.Comparison.Scenarios.Gc;

/// <summary>What many entries cost every thread of the process that holds them: the pauses of the garbage collector, in a process for each contender.</summary>
internal sealed class GcScenario : IScenario
{
    private const string Peer = "MemoryCache";

    public string Name => "gc";

    public string Summary => "pauses of the garbage collector under mixed load on 10 M entries";

    public void Run(ScenarioContext context)
    {
        int entries = context.Size(10_000_000, 10_000);
        int seconds = context.Size(60, 1);
        if (!FreeMemory.IsEnoughFor(entries))
        {
            const int Fewer = 1_000_000;
            context.Note($"{entries / 1e6:0.##} M entries are left out, and {Fewer / 1e6:0.##} M taken: {FreeMemory.Bytes / (1 << 20):N0} MiB of memory are free.");
            entries = Fewer;
        }

        Dictionary<string, double> Measure(string kind)
        {
            context.Progress($"{kind}, {entries / 1e6:0.##} M entries, {seconds} s");
            Dictionary<string, double> result = PartProcess.Start(GcPart.Name, kind, entries.ToString(CultureInfo.InvariantCulture), seconds.ToString(CultureInfo.InvariantCulture));
            ScenarioContext.Require(result["wrong"] == 0, $"{result["wrong"]} reads of '{kind}' got something else than was written.");
            return result;
        }

        // One turn: the longest pause of a minute is a maximum already.
        Dictionary<string, double> ours = Measure(NodeCache.Kind);
        Dictionary<string, double> theirs = Measure(MemoryCache.Kind);
        string load = $"{entries / 1e6:0.##} M entries, {seconds} s of 90 % reads and 10 % writes";
        context.Report($"{load}: longest pause", "ms", [ours["longest"]], Peer, [theirs["longest"]], Goal.AtMostOf(10));
        context.Report($"{load}: all pauses", "ms", [ours["total"]], Peer, [theirs["total"]]);
        context.Report($"{load}: operations of 2 threads", "1/s", [ours["operations"]], Peer, [theirs["operations"]]);
    }
}
