using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.Syncs;

/// <summary>
/// How long a replica takes to catch up with what it missed. It is ordered to follow an address where nobody is, keeps its data, misses 100 MB of the stream, and is ordered back: the
/// time from that order until it has all of it. So there is no relay whose copying would be measured, and no pause between two attempts, which is drawn at random and is not
/// the work. Redis is led away and back in the same way. The bare copy is what catching up cannot do without: a process that has as many bytes of records in its memory
/// sends them through one connection, and another one applies them, as a replica does, to a data set of the same size, and says when it is done.
/// </summary>
internal sealed class ReconnectScenario : IScenario
{
    private const int Turns = 7;
    private const int BacklogSize = 256 << 20;
    private const int Sample = 1_000;

    private int _seed = 1;

    public string Name => "reconnect";

    public string Summary => "from link back to caught up after 100 MB of missed stream";

    public void Run(ScenarioContext context)
    {
        int entries = context.Size(1_000_000, 20_000);
        int missed = context.Size(100_000_000, 2_000_000);
        context.Progress("filling");
        using var nowhere = new Nowhere();
        using var nodes = new NodePair(entries, $"BacklogSize={BacklogSize}");
        nodes.Attach();
        int writes = missed / RecordSize(nodes);

        using var bareReplica = new NodeProcess();
        using var bareMaster = new NodeProcess();
        int port = int.Parse(bareReplica.Ask($"bare-replica {entries}"), CultureInfo.InvariantCulture);
        int bytes = int.Parse(bareMaster.Ask($"bare-stream {writes} {entries}"), CultureInfo.InvariantCulture);

        using RedisPair? redis = ScenarioContext.HasRedis ? new RedisPair(entries, "--repl-backlog-size", $"{BacklogSize}") : null;
        redis?.Attach();

        string name = $"{missed / 1e6:0} MB missed";
        (double[] ours, double[] bare) = context.InTurns(Turns, () => Reconnect(nodes, nowhere, writes), () => BareCopy(bareMaster, bareReplica, port, bytes, writes, entries));
        context.Report($"{name}: caught up", "ms", ours, "bare copy", bare, Goal.RatioAtMost(1.5));
        if (redis is not null)
        {
            (ours, double[] theirs) = context.InTurns(Turns, () => Reconnect(nodes, nowhere, writes), () => Reconnect(redis, nowhere, writes));
            context.Report($"{name}: caught up", "ms", ours, ScenarioContext.RedisPeer, theirs);
            context.Note($"Both missed {writes:n0} writes.");
        }
    }

    private static int RecordSize(NodePair nodes)
    {
        long before = nodes.Master.Info().Offset;
        nodes.Master.Ask($"fill {Sample} {EntryKeys.ValueSize}");
        return (int)(nodes.Master.Info().Offset - before) / Sample;
    }

    private double Reconnect(NodePair nodes, Nowhere nowhere, int writes)
    {
        nodes.RequireSameData();
        NodeInfo before = nodes.Master.Info();
        nodes.Lead(nowhere);
        nodes.Master.Ask($"fill {writes} {EntryKeys.ValueSize} {++_seed}");
        NodeInfo after = nodes.Master.Info();
        NodeInfo replica = nodes.Replica.Info();
        ScenarioContext.Require(replica.Offset == before.Offset, $"The replica is at offset {replica.Offset} and not where it was led away, {before.Offset}.");

        long start = Stopwatch.GetTimestamp();
        nodes.Follow();
        nodes.Replica.WaitForOffset(after.Offset);
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        nodes.RequireSameData();
        NodeInfo served = nodes.Master.Info();
        ScenarioContext.Require(
            served.PartialSyncs == before.PartialSyncs + 1 && served.FullSyncs == before.FullSyncs, $"It was no partial resync: {before}, {served}.");
        return milliseconds;
    }

    private double Reconnect(RedisPair redis, Nowhere nowhere, int writes)
    {
        redis.RequireSameData();
        (long full, long partial) = (redis.FullSyncs, redis.PartialSyncs);
        redis.Lead(nowhere);
        redis.Fill(writes, (char)('a' + (++_seed % 26)));
        long offset = redis.Master.Offset;

        long start = Stopwatch.GetTimestamp();
        redis.Follow();
        redis.Replica.WaitForOffset(offset);
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        redis.RequireSameData();
        ScenarioContext.Require(redis.PartialSyncs == partial + 1 && redis.FullSyncs == full, "It was no partial resync of Redis.");
        return milliseconds;
    }

    private static double BareCopy(NodeProcess master, NodeProcess replica, int port, int bytes, int writes, int entries)
    {
        replica.Begin($"bare-receive {bytes}");
        double milliseconds = double.Parse(master.Ask($"bare-send {port}"), CultureInfo.InvariantCulture);
        double[] applied = replica.Numbers();
        ScenarioContext.Require(applied[0] == writes && applied[1] == entries, $"{applied[0]} records of {writes} were applied, and there are {applied[1]} entries of {entries}.");
        return milliseconds;
    }
}
