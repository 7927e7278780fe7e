using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.Syncs;

/// <summary>
/// How long an empty node takes, from the order to follow a master until it is consistent: its link streams, and it has all that the master had at that moment. All processes run before and
/// after, and have done it once; the first sync of a fresh process is a figure of its own. Under load the master overwrites random keys, one a call, and Redis is sent pipelined
/// SETs by a client of this process, which costs the machine more than a call does.
/// </summary>
internal sealed class FullSyncScenario : IScenario
{
    private const int PerSecond = 100_000;

    // What a side may be slower than asked for until it is said.
    private const double EnoughOfRate = 0.9;

    public string Name => "full-sync";

    public string Summary => "from the order to follow until consistent, 1 M and 5 M entries, idle and under 100k writes/s";

    public void Run(ScenarioContext context)
    {
        double[] small = Measure(context, context.Size(1_000_000, 10_000), turns: 5);
        double[] large = Measure(context, context.Size(5_000_000, 50_000), turns: 3);
        for (int i = 0; i < small.Length; i++)
        {
            // Five times as much in five times the time, and a fifth more for what the caches of the processor hold of the smaller one.
            context.Report($"5 M / 1 M entries, {(i == 0 ? "idle" : "under load")}", "×", large[i] / small[i], Goal.AtMostOf(6));
        }
    }

    private static double[] Measure(ScenarioContext context, int entries, int turns)
    {
        string name = $"{entries / 1e6:0.##} M entries";
        context.Progress($"{name}: filling");
        using var nodes = new NodePair(entries);
        using RedisPair? redis = ScenarioContext.HasRedis ? new RedisPair(entries) : null;
        context.Report($"{name}, first sync of a fresh process", "ms", nodes.Attach());
        nodes.RequireSameData();

        (double[] ours, double[] theirs) = context.InTurns(turns, () => Sync(nodes), redis is null ? null : () => Sync(redis));
        context.Report($"{name}, idle", "ms", ours, ScenarioContext.RedisPeer, theirs, Goal.RatioAtMost(0.25));

        (LoadedSync[] our, LoadedSync[] their) = context.InTurns(turns, () => SyncUnderLoad(nodes, entries), redis is null ? null : () => SyncUnderLoad(redis, entries));
        context.Report(
            $"{name}, under load", "ms", our.Select(sync => sync.Milliseconds), ScenarioContext.RedisPeer, their.Select(sync => sync.Milliseconds), Goal.RatioAtMost(0.25));
        context.Report($"{name}, writes during the sync", "writes/s", our.Select(sync => sync.PerSecond), ScenarioContext.RedisPeer, their.Select(sync => sync.PerSecond));
        NoteSlowWriters(context, "Our master", our);
        NoteSlowWriters(context, "Redis", their);
        return [Spread.Of(ours).Median, Spread.Of(our.Select(sync => sync.Milliseconds)).Median];
    }

    private static double Sync(NodePair nodes)
    {
        nodes.EmptyReplica();
        double milliseconds = nodes.Attach();
        nodes.RequireSameData();
        return milliseconds;
    }

    private static double Sync(RedisPair redis)
    {
        redis.EmptyReplica();
        double milliseconds = redis.Attach();
        redis.RequireSameData();
        return milliseconds;
    }

    private static LoadedSync SyncUnderLoad(NodePair nodes, int entries)
    {
        nodes.EmptyReplica();
        nodes.Master.Ask($"load {entries} {PerSecond}");
        LoadedSync sync = UnderLoad(() => long.Parse(nodes.Master.Ask("load-written"), CultureInfo.InvariantCulture), nodes.Attach);
        nodes.Master.Ask("load-end");
        nodes.RequireSameData();
        return sync;
    }

    private static LoadedSync SyncUnderLoad(RedisPair redis, int entries)
    {
        redis.EmptyReplica();
        LoadedSync sync;
        using (var load = new RedisLoad(redis.Master, entries, PerSecond))
        {
            sync = UnderLoad(() => load.Written, redis.Attach);
        }

        redis.RequireSameData();
        return sync;
    }

    private static LoadedSync UnderLoad(Func<long> written, Func<double> attach)
    {
        Waiting.Until("the first writes", () => written() > PerSecond / 10);
        long start = Stopwatch.GetTimestamp();
        long before = written();
        double milliseconds = attach();
        return new LoadedSync(milliseconds, (written() - before) / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static void NoteSlowWriters(ScenarioContext context, string who, LoadedSync[] syncs)
    {
        if (syncs.Length > 0 && Spread.Of(syncs.Select(sync => sync.PerSecond)).Median is var perSecond && perSecond < PerSecond * EnoughOfRate)
        {
            context.Note($"{who} took {Report.Number(perSecond)} writes a second during the sync, of {Report.Number(PerSecond)} that it was given: there was no more processor time.");
        }
    }

    private sealed record LoadedSync(double Milliseconds, double PerSecond);
}
