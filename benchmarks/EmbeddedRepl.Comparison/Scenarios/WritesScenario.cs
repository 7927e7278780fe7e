using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios;

/// <summary>
/// Sustained overwrites of random keys on a master with replicas in other processes. A turn ends when all replicas have everything, so that nobody is fast on credit; our writers pause while more than 16 MiB of
/// the stream wait for a replica, so that its lag has a bound all through; the digests are equal at the end.
/// </summary>
internal sealed class WritesScenario : IScenario
{
    private const int Turns = 5;
    private const int Batch = 100;

    // What may wait for a replica that keeps up: a quarter of what it would be dropped for by default.
    private const long MaxLag = 64 << 20;

    public string Name => "writes";

    public string Summary => "sustained writes on a master with 0, 1 and 2 replicas that keep up";

    public void Run(ScenarioContext context)
    {
        int keys = context.Size(1_000_000, 10_000);
        int writes = context.Size(2_000_000, 20_000);
        using var star = new Star(keys);
        double[] processorTimes = new double[3];
        for (int count = 0; count <= 2; count++)
        {
            if (count > 0)
            {
                star.AddReplica();
            }

            processorTimes[count] = Measure(context, star, keys, writes);
        }

        context.Report("2 replicas / 1: the master's processor time a write", "×", processorTimes[2] / processorTimes[1], Goal.AtMostOf(1.15));
        star.RequireSameData();
        long fullSyncs = star.Master.Info().FullSyncs;
        ScenarioContext.Require(fullSyncs == star.Replicas.Count, $"The replicas needed {fullSyncs} full syncs.");
    }

    private static double Measure(ScenarioContext context, Star star, int keys, int writes)
    {
        string with = star.Replicas.Count switch { 0 => "no replica", 1 => "1 replica", int count => $"{count} replicas" };
        double[] processorTimes = [];
        double Sets(WriteLoad load)
        {
            (double perSecond, WriteResult result) = WriteUntilAllHaveIt(star, load);
            processorTimes = [.. processorTimes, result.ProcessorTime];
            return perSecond;
        }

        Func<double>? theirs = star.Redis is { } redis ? () => SetsUntilAllHaveIt(star, redis, writes, keys) : null;
        (double[] ours, double[] others) = context.InTurns(Turns, () => Sets(new WriteLoad(1, writes, 1, keys)), theirs);
        double processorTime = Spread.Of(processorTimes).Median;
        context.Report($"{with}: Set", "writes/s", ours, ScenarioContext.RedisPeer, others, star.Replicas.Count == 1 ? Goal.RatioAtLeast(3) : null);
        context.Report($"{with}: the master's processor time of a Set", "ns", processorTime);

        (ours, others) = context.InTurns(Turns, () => Sets(new WriteLoad(1, writes, Batch, keys)), theirs);
        context.Report($"{with}: SetMany of {Batch}", "writes/s", ours, ScenarioContext.RedisPeer, others, star.Replicas.Count == 1 ? Goal.RatioAtLeast(4) : null);
        if (star.Replicas.Count == 1)
        {
            (double[] two, double[] one) = context.InTurns(Turns, () => Sets(new WriteLoad(2, writes, 1, keys)), () => Sets(new WriteLoad(1, writes, 1, keys)));
            context.Report($"{with}: Set, 2 threads", "writes/s", two, "1 thread", one, Goal.RatioAtLeast(1));
        }

        return processorTime;
    }

    private static (double PerSecond, WriteResult Result) WriteUntilAllHaveIt(Star star, WriteLoad load)
    {
        long start = TimeProvider.System.GetTimestamp();
        WriteResult result = WriteResult.Parse(star.Master.Ask(load.Command()));
        ScenarioContext.Require(result.MaxLag <= MaxLag, $"A replica was {result.MaxLag:n0} bytes behind.");
        star.WaitForReplicas();

        // Without replicas it ends with the last write; with them when the last of them has it.
        double seconds = star.Replicas.Count == 0 ? load.Writes / result.PerSecond : TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        return (load.Writes / seconds, result);
    }

    private static double SetsUntilAllHaveIt(Star star, RedisServer redis, int writes, int keys)
    {
        // Its benchmark takes as long to start as ours does not, so that only the time of the commands counts, and that of the replicas after them.
        double seconds = writes / RedisBenchmark.PipelinedSets(redis, writes, keys, EntryKeys.ValueSize);
        long start = TimeProvider.System.GetTimestamp();
        star.WaitForRedisReplicas();
        return writes / (seconds + TimeProvider.System.GetElapsedTime(start).TotalSeconds);
    }
}
