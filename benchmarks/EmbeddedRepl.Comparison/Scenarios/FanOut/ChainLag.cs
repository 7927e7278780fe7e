using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;
using EmbeddedRepl.Comparison.Visibility;

namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>A chain of five nodes, each but the last the master of the next: how long a write takes to be visible on the first below the master and on the last, beside a chain of five Redis.</summary>
internal static class ChainLag
{
    public const int Nodes = 5;
    public const string FirstName = "chain of 5, 5k writes/s: visible on the second node, p50";
    public const string LastName = "chain of 5, 5k writes/s: visible on the last node, p50";

    private const int PerSecond = 5_000;
    private const int Turns = 3;

    public static void Measure(ScenarioContext context, int keys)
    {
        int writes = context.Size(2_000, 100);
        List<NodeProcess> nodes = [NodeProcess.StartMaster()];
        List<RedisServer> redis = ScenarioContext.HasRedis ? [new RedisServer()] : [];
        try
        {
            nodes[0].Ask($"fill {keys} {EntryKeys.ValueSize}");
            using (RedisClient? client = redis.Count > 0 ? redis[0].Connect() : null)
            {
                client?.Fill(keys, EntryKeys.ValueSize);
            }

            while (nodes.Count < Nodes)
            {
                nodes.Add(NodeProcess.StartMiddle(nodes[^1]));
                nodes[^1].WaitForStreaming();
                if (redis.Count > 0)
                {
                    redis.Add(new RedisServer(redis[^1]));
                    redis[^1].WaitForSync();
                }
            }

            var probe = new VisibilityProbe();
            (Delays First, Delays Last) Ours() => (probe.Ours(nodes[0], nodes[1], writes, PerSecond), probe.Ours(nodes[0], nodes[^1], writes, PerSecond));
            (Delays First, Delays Last) Theirs() => (probe.Theirs(redis[0], redis[1], writes, PerSecond), probe.Theirs(redis[0], redis[^1], writes, PerSecond));
            ((Delays First, Delays Last)[] ours, (Delays First, Delays Last)[] theirs) = context.InTurns(Turns, Ours, redis.Count == 0 ? null : Theirs);
            void Report(string name, Func<(Delays First, Delays Last), double> value) =>
                context.Report(name, "µs", ours.Select(value), ScenarioContext.RedisPeer, theirs.Select(value));
            Report(FirstName, delays => delays.First.P50);
            Report(FirstName.Replace("p50", "p99", StringComparison.Ordinal), delays => delays.First.P99);
            Report(LastName, delays => delays.Last.P50);
            Report(LastName.Replace("p50", "p99", StringComparison.Ordinal), delays => delays.Last.P99);

            NodeInfo state = nodes[0].Info();
            nodes.ForEach(node => node.WaitForOffset(state.Offset));
            ScenarioContext.Require(nodes.TrueForAll(node => node.Info().HasSameDataAs(state)), "The nodes of the chain differ.");
            ScenarioContext.Require(nodes.SkipLast(1).All(node => node.Info().FullSyncs == 1), "A node of the chain was synced twice.");
        }
        finally
        {
            // From the end, so that nobody looks for a master meanwhile.
            nodes.Reverse();
            nodes.ForEach(node => node.Dispose());
            redis.ForEach(server => server.Dispose());
        }
    }
}
