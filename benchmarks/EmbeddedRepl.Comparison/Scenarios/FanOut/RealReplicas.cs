using System.Globalization;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>The same with replicas that build the data, ours and Redis's, as many as two processors can bear: processor time of the master and of a replica, and bytes sent, at the same pace of writes.</summary>
internal static class RealReplicas
{
    /// <summary>Name of the figure for a replica's processor time.</summary>
    public const string ReplicaName = "1 real replica: its processor time of a write";

    /// <summary>Name of the figure for the size of a record.</summary>
    public const string BytesName = "1 real replica: bytes of stream for a write";

    private const int Turns = 3;
    private const int SampleSize = 1 << 12;
    private const int PerSecond = StarCost.PerSecond;

    public static void Measure(ScenarioContext context, int keys)
    {
        int writes = context.Size(PerSecond, 2_000);
        using var star = new Star(keys);
        using RedisClient? client = star.Redis?.Connect();
        foreach (int count in context.IsShort ? [1] : (int[])[1, 2, 5])
        {
            while (star.Replicas.Count < count)
            {
                star.AddReplica();
            }

            Measure(context, star, client, keys, writes);
        }

        star.RequireSameData();
    }

    private static void Measure(ScenarioContext context, Star star, RedisClient? client, int keys, int writes)
    {
        int count = star.Replicas.Count;
        List<double> ofReplica = [];
        List<double> ofRedisReplica = [];
        double Ours()
        {
            TimeSpan before = star.Replicas[0].ProcessorTime;
            WriteResult result = WriteResult.Parse(star.Master.Ask(new WriteLoad(1, writes, 1, keys, PerSecond: PerSecond).Command()));
            star.WaitForReplicas();
            ofReplica.Add((star.Replicas[0].ProcessorTime - before).TotalNanoseconds / writes);
            return result.ProcessorTime;
        }

        double redisBytes = 0;
        double Theirs()
        {
            RedisServer redis = star.Redis!;
            TimeSpan before = redis.ProcessorTime;
            TimeSpan replicaBefore = star.RedisReplicas[0].ProcessorTime;
            double bytesBefore = ReplicationBytes(redis);
            SetPaced(client!, writes, keys);
            star.WaitForRedisReplicas();
            ofRedisReplica.Add((star.RedisReplicas[0].ProcessorTime - replicaBefore).TotalNanoseconds / writes);
            redisBytes = (ReplicationBytes(redis) - bytesBefore) / count / writes;
            return (redis.ProcessorTime - before).TotalNanoseconds / writes;
        }

        long offsetBefore = star.Master.Info().Offset;
        (double[] ours, double[] theirs) = context.InTurns(Turns, Ours, star.Redis is null ? null : Theirs);
        double turns = ofReplica.Count;
        double streamBytes = (star.Master.Info().Offset - offsetBefore) / turns / writes;
        string with = count == 1 ? "1 real replica" : $"{count} real replicas";
        context.Report($"{with}: the master's processor time of a write", "ns", ours, ScenarioContext.RedisPeer, theirs);
        if (count == 1)
        {
            context.Report(ReplicaName, "ns", ofReplica, ScenarioContext.RedisPeer, ofRedisReplica);
        }

        context.Report(count == 1 ? BytesName : $"{with}: bytes of stream for a write", "B", [streamBytes], ScenarioContext.RedisPeer, star.Redis is null ? [] : [redisBytes]);
    }

    private static double ReplicationBytes(RedisServer redis) => double.Parse(redis.Info("total_net_repl_output_bytes"), CultureInfo.InvariantCulture);

    /// <summary>As our writer does it: every millisecond what is due, here in one pipeline.</summary>
    private static void SetPaced(RedisClient client, int writes, int keys)
    {
        var sets = new RandomSets(client, keys, SampleSize, seed: 1, 'v');
        long start = TimeProvider.System.GetTimestamp();
        for (int written = 0; written < writes;)
        {
            int due = (int)Math.Min(writes, TimeProvider.System.GetElapsedTime(start).TotalSeconds * PerSecond) - written;
            if (due <= 0)
            {
                Thread.Sleep(1);
                continue;
            }

            sets.Send(due);
            written += due;
        }
    }
}
