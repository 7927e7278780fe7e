using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios;

/// <summary>A master of ours and, if there is one, a Redis, with the same entries; and replicas of each, as many here as there. All are processes of their own.</summary>
internal sealed class Star : IDisposable
{
    private readonly List<NodeProcess> _replicas = [];
    private readonly List<RedisServer> _redisReplicas = [];

    /// <param name="keys">How many entries the masters have.</param>
    public Star(int keys)
    {
        Master = NodeProcess.StartMaster();
        Master.Ask($"fill {keys} {EntryKeys.ValueSize}");
        Redis = ScenarioContext.HasRedis ? new RedisServer() : null;
        using RedisClient? client = Redis?.Connect();
        client?.Fill(keys, EntryKeys.ValueSize);
    }

    public NodeProcess Master { get; }

    public IReadOnlyList<NodeProcess> Replicas => _replicas;

    public RedisServer? Redis { get; }

    public IReadOnlyList<RedisServer> RedisReplicas => _redisReplicas;

    /// <summary>One more here and there; returns when both are in sync.</summary>
    public void AddReplica()
    {
        _replicas.Add(NodeProcess.StartReplica(Master));
        _replicas[^1].WaitForStreaming();
        if (Redis is not null)
        {
            _redisReplicas.Add(new RedisServer(Redis));
            _redisReplicas[^1].WaitForSync();
        }
    }

    /// <summary>Waits until all of ours have what the master has now.</summary>
    public void WaitForReplicas()
    {
        long offset = Master.Info().Offset;
        _replicas.ForEach(replica => replica.WaitForOffset(offset));
    }

    /// <summary>Waits until all Redis replicas have what their master has now.</summary>
    public void WaitForRedisReplicas()
    {
        long offset = Redis!.Offset;
        _redisReplicas.ForEach(replica => replica.WaitForOffset(offset));
    }

    /// <summary>Requires that all of ours have the same data. To be asked while nobody writes, and all have everything.</summary>
    public void RequireSameData()
    {
        NodeInfo state = Master.Info();
        ScenarioContext.Require(_replicas.TrueForAll(replica => replica.Info().HasSameDataAs(state)), "The replicas differ from the master.");
    }

    public void Dispose()
    {
        _replicas.ForEach(replica => replica.Dispose());
        _redisReplicas.ForEach(replica => replica.Dispose());
        Redis?.Dispose();
        Master.Dispose();
    }
}
