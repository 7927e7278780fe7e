using System.Globalization;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>
/// What each further replica costs a master that is written at a steady pace: sinks in two processes, so that 50 of them fit, each of which verifies all it gets. Beside it, in turns, a process that does nothing but
/// write as many bytes in blocks of the same size to as many sockets (<see cref="CopyChild"/>). The cost of a further replica is the slope over their number, so that the writes and the pacing themselves count for neither.
/// </summary>
internal static class StarCost
{
    public const int PerSecond = 20_000;

    /// <summary>The figure by which the model is checked.</summary>
    public const string PredictionName = "50 replicas: the master's processor time, predicted from 1 to 10: off by";

    /// <summary>The figure of what one send costs.</summary>
    public const string SendTimeName = "1 to 10 replicas: processor time of a send";

    private const int Turns = 3;
    private const double PredictionTolerance = 0.25;
    private static readonly int[] Counts = [1, 2, 5, 10, 20, 50];
    private static readonly int[] ShortCounts = [1, 3];

    /// <summary>What was measured with some replicas: medians of the turns.</summary>
    /// <param name="Count">How many.</param>
    /// <param name="OfWrite">The master's processor time, in nanoseconds a write.</param>
    /// <param name="ChunksOfWrite">Pieces of stream sent to each replica a write.</param>
    /// <param name="BytesOfWrite">Bytes sent to each replica a write.</param>
    /// <param name="OfCopy">The control's processor time with one thread for all sockets, in nanoseconds a write's bytes.</param>
    /// <param name="OfOwnThreads">The control's processor time with a thread for each socket, likewise.</param>
    private sealed record Cost(int Count, double OfWrite, double ChunksOfWrite, double BytesOfWrite, double OfCopy, double OfOwnThreads);

    /// <summary>The figure of what a further replica costs.</summary>
    public static string FurtherName(int count) => $"1 to {count} replicas: a further one, processor time of a write";

    /// <summary>The figure of how many pieces a write is of those that are sent.</summary>
    public static string SendsName(int count) => $"{count} replicas: sends to each for a write";

    public static void Measure(ScenarioContext context, int keys)
    {
        int writes = context.Size(PerSecond, 2_000);
        using NodeProcess master = NodeProcess.StartMaster();
        master.Ask($"fill {keys} {EntryKeys.ValueSize}");
        string address = master.Info().Address;
        using var first = new SinksProcess();
        using var second = new SinksProcess();
        SinksProcess[] sinks = [first, second];
        using var copy = new ChildProcess(CopyChild.Verb);
        int port = second.DiscardPort();
        List<Cost> costs = [];
        foreach (int count in context.IsShort ? ShortCounts : Counts)
        {
            // The first one is there from the beginning and has seen all that the others have.
            int inFirst = (count + 1) / 2;
            first.Add(address, inFirst - first.Count);
            if (count > inFirst + second.Count)
            {
                second.Add(address, count - inFirst - second.Count);
            }

            Cost cost = MeasureOne(context, master, sinks, copy, port, count, writes, keys);
            costs.Add(cost);
            context.Report($"{count} replicas: the master's processor time of a write", "ns", cost.OfWrite);
            context.Report($"{count} replicas: bytes sent to each for a write", "B", cost.BytesOfWrite);
        }

        Compare(context, costs);

        // Enough for whole windows of the checksums that everybody has seen.
        master.Ask(new WriteLoad(1, 25_000, 1, keys).Command());
        long offset = master.Info().Offset;
        Array.ForEach(sinks, process => process.WaitForOffset(offset));
        string hashes = first.Hashes();
        foreach (SinksProcess process in sinks.Where(process => process.Count > 0))
        {
            string answer = process.Compare(hashes);
            ScenarioContext.Require(answer == SinksChild.Equal, $"The sinks did not see the same stream: {answer}.");
        }

        int last = costs[^1].Count;
        ScenarioContext.Require(master.Info().FullSyncs == last, "A sink was dropped and came back.");
    }

    private static Cost MeasureOne(ScenarioContext context, NodeProcess master, SinksProcess[] sinks, ChildProcess copy, int port, int count, int writes, int keys)
    {
        double chunks = 0;
        double bytes = 0;
        double Ours()
        {
            (double Chunks, double Bytes)[] before = [.. sinks.Select(process => process.Received())];
            WriteResult result = WriteResult.Parse(master.Ask(new WriteLoad(1, writes, 1, keys, PerSecond: PerSecond).Command()));
            long offset = master.Info().Offset;
            Array.ForEach(sinks, process => process.WaitForOffset(offset));
            (double Chunks, double Bytes)[] after = [.. sinks.Select(process => process.Received())];
            chunks = (after.Sum(received => received.Chunks) - before.Sum(received => received.Chunks)) / count / writes;
            bytes = (after.Sum(received => received.Bytes) - before.Sum(received => received.Bytes)) / count / writes;
            return result.ProcessorTime;
        }

        // The block size is that of our last turn; a warm-up turn of ours came before the first of the control.
        double Copy(bool ownThreads)
        {
            var load = new CopyLoad(count, Math.Max(1, (int)(chunks * writes)), Math.Max(1, (int)(bytes / chunks)), chunks * PerSecond, ownThreads);
            return double.Parse(copy.Ask($"{port} {load.Format()}"), CultureInfo.InvariantCulture) * chunks;
        }

        List<double> ownThreads = [];
        (double[] ours, double[] copies) = context.InTurns(
            Turns,
            Ours,
            () =>
            {
                double one = Copy(ownThreads: false);
                ownThreads.Add(Copy(ownThreads: true));
                return one;
            });
        return new Cost(count, Spread.Of(ours).Median, chunks, bytes, Spread.Of(copies).Median, Spread.Of(ownThreads).Median);
    }

    private static void Compare(ScenarioContext context, List<Cost> costs)
    {
        Cost one = costs[0];
        foreach (Cost cost in costs.Skip(1).Where(cost => cost.Count >= 10 || context.IsShort))
        {
            double Further(Func<Cost, double> time) => (time(cost) - time(one)) / (cost.Count - 1);
            double[] ours = [Further(of => of.OfWrite)];
            context.Report(FurtherName(cost.Count), "ns", ours, "a copy to its socket", [Further(of => of.OfCopy)], Goal.RatioAtMost(1));
            context.Report($"1 to {cost.Count} replicas: the same, beside a thread for each socket", "ns", ours, "copies by a thread each", [Further(of => of.OfOwnThreads)]);
            context.Report(SendsName(cost.Count), "sends", cost.ChunksOfWrite);
        }

        if (costs[^1].Count == 50)
        {
            // Not the replicas but the sends are what costs: a sender that has much to do sends less often, and more at a time.
            (double fixedCost, double ofSend) = Line.Fit([.. costs.Where(cost => cost.Count <= 10).Select(cost => (cost.Count * cost.ChunksOfWrite, cost.OfWrite))]);
            double predicted = fixedCost + (50 * costs[^1].ChunksOfWrite * ofSend);
            context.Report(SendTimeName, "ns", ofSend);
            context.Note($"  the model says {predicted:n0} ns for 50 replicas, {costs[^1].OfWrite:n0} ns were measured");
            context.Report(PredictionName, "of it", Math.Abs(predicted - costs[^1].OfWrite) / costs[^1].OfWrite, Goal.AtMostOf(PredictionTolerance));
        }
    }
}
