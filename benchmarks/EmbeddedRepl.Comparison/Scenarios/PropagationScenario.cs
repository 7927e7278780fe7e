using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;
using EmbeddedRepl.Comparison.Visibility;

namespace EmbeddedRepl.Comparison.Scenarios;

/// <summary>
/// How long a write takes to be visible on a replica in another process. Ours: from the call of <c>Set</c> to the value that <c>TryGet</c> returns there. Redis: from before the SET is sent to the answer of the
/// GET on the replica that shows the value. Both are looked at without a pause by one thread, and written by one; what is written waits for nobody but, in the closed loop, for the word that it was seen, which is no
/// part of the delay. Delays are those of all writes, also of those that were overwritten before they were seen.
/// <para>
/// What is fair here: whoever looks takes a processor, on both sides. Redis's replica answers the questions of the one who looks on the thread that also takes the stream, so it never sleeps and needs not be woken for a
/// write; our replica's thread sleeps in its socket, while somebody beside it looks at memory, and has to be woken. Neither is slowed down by the other's test: they run in turns.
/// </para>
/// </summary>
internal sealed class PropagationScenario : IScenario
{
    private const int Turns = 5;
    private const double P50Goal = 0.5;
    private const double P99Goal = 1;
    private const double IdleGoal = 0.5;

    public string Name => "propagation";

    public string Summary => "from a write to its being visible on a replica in another process; the processor time of an idle cluster";

    public void Run(ScenarioContext context)
    {
        int keys = context.Size(100_000, 2_000);
        using var star = new Star(keys);
        star.AddReplica();
        var probe = new VisibilityProbe();
        void Measure(string name, int writes, int perSecond, bool hasGoal)
        {
            List<double> rates = [];
            Delays Ours()
            {
                Delays delays = probe.Ours(star.Master, star.Replicas[0], writes, perSecond);
                rates.Add(probe.PerSecond);
                return delays;
            }

            (Delays[] ours, Delays[] theirs) = context.InTurns(Turns, Ours, star.Redis is { } redis ? () => probe.Theirs(redis, star.RedisReplicas[0], writes, perSecond) : null);
            context.Report($"{name}: p50", "µs", ours.Select(delays => delays.P50), ScenarioContext.RedisPeer, theirs.Select(delays => delays.P50), hasGoal ? Goal.RatioAtMost(P50Goal) : null);
            context.Report($"{name}: p99", "µs", ours.Select(delays => delays.P99), ScenarioContext.RedisPeer, theirs.Select(delays => delays.P99), hasGoal ? Goal.RatioAtMost(P99Goal) : null);
            if (perSecond > 0)
            {
                context.Note($"  {name}: {Spread.Of(rates).Median:n0} writes/s were reached");
            }
        }

        Measure("closed loop", context.Size(10_000, 200), perSecond: 0, hasGoal: true);
        Measure("1k writes/s", context.Size(2_000, 100), perSecond: 1_000, hasGoal: true);
        Measure("100k writes/s", context.Size(2_000, 100), perSecond: 100_000, hasGoal: false);

        star.WaitForReplicas();
        star.RequireSameData();
        MeasureIdle(context, star);
    }

    private static void MeasureIdle(ScenarioContext context, Star star)
    {
        star.AddReplica();

        // What was just started is not idle yet.
        context.Progress("waiting until nobody has anything to do");
        Thread.Sleep(context.Size(5_000, 100));
        Func<TimeSpan>[] nodes = [() => star.Master.ProcessorTime, .. star.Replicas.Select(replica => (Func<TimeSpan>)(() => replica.ProcessorTime))];
        Func<TimeSpan>[] others = star.Redis is { } redis ? [() => redis.ProcessorTime, .. star.RedisReplicas.Select(replica => (Func<TimeSpan>)(() => replica.ProcessorTime))] : [];
        var time = TimeSpan.FromMilliseconds(context.Size(10_000, 500));
        (double[] ours, double[] theirs) = context.InTurns(1, () => Busiest(nodes, time), star.Redis is null ? null : () => Busiest(others, time), warmUp: false);
        context.Report("idle master with 2 replicas: the busiest node", "% of a core", ours[0], Goal.AtMostOf(IdleGoal));
        if (theirs.Length > 0)
        {
            // A figure of its own: it may be 0, and there is no ratio to that.
            context.Report("idle Redis with 2 replicas: the busiest one", "% of a core", theirs[0]);
        }
    }

    private static double Busiest(Func<TimeSpan>[] nodes, TimeSpan time)
    {
        TimeSpan[] before = [.. nodes.Select(node => node())];
        long start = TimeProvider.System.GetTimestamp();
        Thread.Sleep(time);
        TimeSpan[] after = [.. nodes.Select(node => node())];
        TimeSpan took = TimeProvider.System.GetElapsedTime(start);
        return after.Zip(before, (one, other) => (one - other) / took * 100).Max();
    }
}
