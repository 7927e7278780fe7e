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
    private const int PerSecond = StarCost.PerSecond;

    public static void Measure(ScenarioContext context, int keys)
    {
        int writes = context.Size(PerSecond, 2_000);
        using NodeProcess master = NodeProcess.StartMaster();
        master.Ask($"fill {keys} {EntryKeys.ValueSize}");
        using RedisServer? redis = ScenarioContext.HasRedis ? new RedisServer() : null;
        using RedisClient? client = redis?.Connect();
        client?.Fill(keys, EntryKeys.ValueSize);
        List<NodeProcess> replicas = [];
        List<RedisServer> redisReplicas = [];
        try
        {
            foreach (int count in context.IsShort ? [1] : (int[])[1, 2, 5])
            {
                Add(count, master, replicas, redis, redisReplicas);
                List<double> ofReplica = [];
                List<double> ofRedisReplica = [];
                double Ours()
                {
                    TimeSpan before = replicas[0].ProcessorTime;
                    WriteResult result = WriteResult.Parse(master.Ask(new WriteLoad(1, writes, 1, keys, PerSecond: PerSecond).Command()));
                    long offset = master.Info().Offset;
                    replicas.ForEach(replica => replica.WaitForOffset(offset));
                    ofReplica.Add((replicas[0].ProcessorTime - before).TotalNanoseconds / writes);
                    return result.ProcessorTime;
                }

                double redisBytes = 0;
                double Theirs()
                {
                    TimeSpan before = redis!.ProcessorTime;
                    TimeSpan replicaBefore = redisReplicas[0].ProcessorTime;
                    double bytesBefore = ReplicationBytes(redis);
                    SetPaced(client!, writes, keys);
                    long offset = redis.Offset;
                    redisReplicas.ForEach(replica => replica.WaitForOffset(offset));
                    ofRedisReplica.Add((redisReplicas[0].ProcessorTime - replicaBefore).TotalNanoseconds / writes);
                    redisBytes = (ReplicationBytes(redis) - bytesBefore) / count / writes;
                    return (redis.ProcessorTime - before).TotalNanoseconds / writes;
                }

                long offsetBefore = master.Info().Offset;
                (double[] ours, double[] theirs) = context.InTurns(Turns, Ours, redis is null ? null : Theirs);
                double turns = ofReplica.Count;
                double streamBytes = (master.Info().Offset - offsetBefore) / turns / writes;
                string with = count == 1 ? "1 real replica" : $"{count} real replicas";
                context.Report($"{with}: the master's processor time of a write", "ns", ours, ScenarioContext.RedisPeer, theirs);
                if (count == 1)
                {
                    context.Report(ReplicaName, "ns", ofReplica, ScenarioContext.RedisPeer, ofRedisReplica);
                }

                context.Report(count == 1 ? BytesName : $"{with}: bytes of stream for a write", "B", [streamBytes], ScenarioContext.RedisPeer, redis is null ? [] : [redisBytes]);
            }

            NodeInfo state = master.Info();
            ScenarioContext.Require(replicas.TrueForAll(replica => replica.Info().HasSameDataAs(state)), "The replicas differ from the master.");
        }
        finally
        {
            replicas.ForEach(replica => replica.Dispose());
            redisReplicas.ForEach(replica => replica.Dispose());
        }
    }

    private static void Add(int count, NodeProcess master, List<NodeProcess> replicas, RedisServer? redis, List<RedisServer> redisReplicas)
    {
        while (replicas.Count < count)
        {
            replicas.Add(NodeProcess.StartReplica(master));
            replicas[^1].WaitForStreaming();
            if (redis is not null)
            {
                redisReplicas.Add(new RedisServer(redis));
                redisReplicas[^1].WaitForSync();
            }
        }
    }

    private static double ReplicationBytes(RedisServer redis) => double.Parse(redis.Info("total_net_repl_output_bytes"), CultureInfo.InvariantCulture);

    /// <summary>As our writer does it: every millisecond what is due, here in one pipeline.</summary>
    private static void SetPaced(RedisClient client, int writes, int keys)
    {
        var random = new Random(1);
        string value = new('v', EntryKeys.ValueSize);
        byte[][] commands = [.. Enumerable.Range(0, 1 << 12).Select(_ => RedisClient.Format("SET", EntryKeys.Create(random.Next(keys)), value))];
        var pipeline = new MemoryStream();
        Span<byte> reply = stackalloc byte[64];
        long start = TimeProvider.System.GetTimestamp();
        for (int written = 0; written < writes;)
        {
            int due = (int)Math.Min(writes, TimeProvider.System.GetElapsedTime(start).TotalSeconds * PerSecond) - written;
            if (due <= 0)
            {
                Thread.Sleep(1);
                continue;
            }

            pipeline.SetLength(0);
            for (int i = 0; i < due; i++)
            {
                pipeline.Write(commands[(written + i) % commands.Length]);
            }

            client.Send(pipeline.GetBuffer().AsSpan(0, (int)pipeline.Length));
            for (int i = 0; i < due; i++)
            {
                client.ReadReply(reply);
            }

            written += due;
        }
    }
}
