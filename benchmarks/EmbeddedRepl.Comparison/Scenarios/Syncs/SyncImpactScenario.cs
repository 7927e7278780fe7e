using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.Syncs;

/// <summary>
/// What a full sync does to those who write on the master: 5,000 writes a second, one at a time, each measured from when it was due (see <see cref="LatencyProbe"/>). The sync takes processor
/// time, and where there are two processors any other work would delay writers, too, so it is compared with a control in which another process uses as much: as many threads, each running for the part of the
/// time that the replica's process, and the master's other threads, did. Redis's client is asked to do the same, over its connection. The memory is measured in syncs of its own, so
/// that looking at it disturbs nobody.
/// </summary>
internal sealed class SyncImpactScenario : IScenario
{
    private const int Turns = 5;
    private const int PerSecond = 5_000;
    private const int OutputLimit = 16 << 20;
    private const double MegaByte = 1 << 20;
    private const string Quiet = "idle";
    private const string Control = "control";

    private static readonly TimeSpan MemoryInterval = TimeSpan.FromMilliseconds(2);

    // Its memory is added up page by page, which takes milliseconds; ours is a number that is there.
    private static readonly TimeSpan RedisMemoryInterval = TimeSpan.FromMilliseconds(20);

    public string Name => "sync-impact";

    public string Summary => "a write on the master, and its memory, while it serves a full sync of 1 M entries";

    public void Run(ScenarioContext context)
    {
        if (!OperatingSystem.IsLinux())
        {
            context.Note("Only Linux says how much processor time each thread used.");
            return;
        }

        int entries = context.Size(1_000_000, 10_000);
        context.Progress("filling");
        using var nodes = new NodePair(entries, $"ReplicaOutputLimit={OutputLimit}", $"ReplicaOutputSoftLimit={OutputLimit}", $"BacklogSize={OutputLimit}");
        using var burner = new NodeProcess();
        using RedisPair? redis = ScenarioContext.HasRedis ? new RedisPair(entries) : null;
        nodes.Master.Ask($"probe {entries} {PerSecond}");
        int syncs = context.Size(8, 1);
        int redisSyncs = context.Size(3, 1);

        (Impact[] ours, Impact[] theirs) = context.InTurns(Turns, () => Measure(nodes, burner, syncs), redis is null ? null : () => Measure(redis, entries, redisSyncs));
        Report(context, ours, theirs);

        (double[] memory, double[] redisMemory) = context.InTurns(
            Turns, () => Memory(nodes), redis is null ? null : () => Memory(redis, entries), warmUp: false);
        context.Report(
            "memory of the master, over before", "MiB", memory, ScenarioContext.RedisPeer, redisMemory, Goal.AtMostOf(16 + (OutputLimit / MegaByte)));
        nodes.Master.Ask("probe-end");
        nodes.RequireSameData();
        redis?.RequireSameData();
    }

    private static void Report(ScenarioContext context, Impact[] ours, Impact[] theirs)
    {
        foreach ((string part, Func<Latencies, double> get) in Latencies.Parts)
        {
            Goal? goal = part == "p99.9" ? Goal.RatioAtMost(2) : null;
            context.Report($"Set during a full sync, {part}", "µs", ours.Select(one => get(one.Sync)), Control, ours.Select(one => get(one.Control!)), goal);
            context.Report($"Set during a full sync, {part}", "µs", ours.Select(one => get(one.Sync)), Quiet, ours.Select(one => get(one.Idle)));
            if (theirs.Length > 0)
            {
                context.Report($"Set during a full sync, {part}", "µs", ours.Select(one => get(one.Sync)), ScenarioContext.RedisPeer, theirs.Select(one => get(one.Sync)));
                context.Report($"Redis: SET during a full sync, {part}", "µs", theirs.Select(one => get(one.Sync)), "idle Redis", theirs.Select(one => get(one.Idle)));
            }
        }

        context.Report("processor time of a sync", "ms", ours.Select(one => one.SyncProcessorTime), "the control's", ours.Select(one => one.ControlProcessorTime));
        context.Note($"Writes recorded in a turn: {ours[0].Sync.Count:n0} during syncs, {ours[0].Control!.Count:n0} in the control, {ours[0].Idle.Count:n0} idle.");
    }

    private static Impact Measure(NodePair nodes, NodeProcess burner, int syncs)
    {
        double[] windows = new double[syncs];
        double[] senders = new double[syncs];
        double[] replicas = new double[syncs];
        for (int i = 0; i < syncs; i++)
        {
            nodes.EmptyReplica();
            (windows[i], senders[i], replicas[i]) = Window(nodes.Master, nodes.Replica, () => nodes.Attach());
        }

        Latencies sync = Latencies.Parse(nodes.Master.Ask("probe-take"));
        double window = windows.Average();
        string burn = string.Join(' ', Parts(senders.Average() / window).Concat(Parts(replicas.Average() / window)).Select(part => part.ToString("0.000", CultureInfo.InvariantCulture)));
        double burnt = 0;
        for (int i = 0; i < syncs; i++)
        {
            burnt += Window(nodes.Master, burner, () => burner.Ask(string.Create(CultureInfo.InvariantCulture, $"burn {window} {burn}"))).OtherProcess;
        }

        Latencies control = Latencies.Parse(nodes.Master.Ask("probe-take"));
        for (int i = 0; i < syncs; i++)
        {
            Window(nodes.Master, burner, () => Thread.Sleep(TimeSpan.FromMilliseconds(window)));
        }

        Latencies idle = Latencies.Parse(nodes.Master.Ask("probe-take"));
        return new Impact(sync, control, idle, senders.Average() + replicas.Average(), burnt / syncs);
    }

    private static Impact Measure(RedisPair redis, int entries, int syncs)
    {
        using RedisProbe probe = new(redis.Master, entries, PerSecond);
        double window = 0;
        for (int i = 0; i < syncs; i++)
        {
            redis.EmptyReplica();
            probe.Calls.Open();
            window += redis.Attach() / syncs;
            probe.Calls.Close();
        }

        Latencies sync = probe.Calls.Take();
        probe.Calls.Open();
        Thread.Sleep(TimeSpan.FromMilliseconds(window * syncs));
        probe.Calls.Close();
        return new Impact(sync, Control: null, probe.Calls.Take(), 0, 0);
    }

    /// <summary>Lets writes be recorded while something is done.</summary>
    /// <returns>How long it took, and the processor time of the master's threads other than the writer, and of another process, all in milliseconds.</returns>
    private static (double Milliseconds, double MasterThreads, double OtherProcess) Window(NodeProcess master, NodeProcess other, Action action)
    {
        TimeSpan before = other.ProcessorTime;
        master.Ask("probe-open");
        long start = Stopwatch.GetTimestamp();
        action();
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        double threads = double.Parse(master.Ask("probe-close"), CultureInfo.InvariantCulture);
        return (milliseconds, Math.Max(0, threads), (other.ProcessorTime - before).TotalMilliseconds);
    }

    /// <summary>What each of the threads must run that together use so many processors.</summary>
    private static IEnumerable<double> Parts(double processors)
    {
        int threads = Math.Max(1, (int)Math.Ceiling(processors));
        return Enumerable.Repeat(processors / threads, threads);
    }

    private static double Memory(NodePair nodes)
    {
        nodes.EmptyReplica();
        using var watch = new PeakWatch(() => nodes.Master.ResidentBytes, MemoryInterval);
        nodes.Attach();
        return watch.Stop() / MegaByte;
    }

    private static double Memory(RedisPair redis, int entries)
    {
        redis.EmptyReplica();
        using RedisProbe probe = new(redis.Master, entries, PerSecond);
        using var watch = new PeakWatch(() => ProcessStatus.ProportionalBytesWithChildren(redis.Master.Id), RedisMemoryInterval);
        redis.Attach();
        return watch.Stop() / MegaByte;
    }

    /// <param name="Sync">Writes during syncs.</param>
    /// <param name="Control">Writes while another process used as much processor time; none for Redis.</param>
    /// <param name="Idle">Writes while nothing else was done.</param>
    /// <param name="SyncProcessorTime">Processor time of a sync on both ends, in milliseconds.</param>
    /// <param name="ControlProcessorTime">Processor time of a control, in milliseconds.</param>
    private sealed record Impact(Latencies Sync, Latencies? Control, Latencies Idle, double SyncProcessorTime, double ControlProcessorTime);
}
