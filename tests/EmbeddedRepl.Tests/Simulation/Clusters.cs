using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Network;
using EmbeddedRepl.Simulation.Scenario;

namespace EmbeddedRepl.Tests.Simulation;

/// <summary>What the scenario tests share.</summary>
internal static class Clusters
{
    public static readonly NodeSettings Settings = new()
    {
        BacklogSize = 1 << 20,
        ReplicaOutputLimit = 4 << 20,
        ReplicaOutputSoftLimit = 4 << 20,
        HeartbeatInterval = 200,
        AckInterval = 100,
        LinkTimeout = 2_000,
        HandshakeTimeout = 1_000,
        ReconnectDelay = 100,
        ChunkSize = 512,
    };

    /// <summary>One millisecond each way and 16 KiB on the way, so that a snapshot takes a while.</summary>
    public static readonly LinkQuality Slow = new(1_000, 0, 16 * 1024, 4096);

    public static Cluster New(ulong seed = 1, LinkQuality? quality = null)
    {
        var cluster = new Cluster(seed);
        cluster.Network.NextQuality = () => quality ?? LinkQuality.Perfect;
        return cluster;
    }

    public static void Fill(this Cluster cluster, SimulatedNode node, string name, int entries, int size = 100)
    {
        for (int i = 0; i < entries; i++)
        {
            cluster.Set(node, $"{name} {i}", Value(size, i));
        }
    }

    public static byte[] Value(int size, int number)
    {
        byte[] value = new byte[size];
        value.AsSpan().Fill((byte)number);
        return value;
    }

    /// <summary>Calls <paramref name="action"/> again and again in virtual time, until it returns false.</summary>
    public static void Every(this Cluster cluster, long microseconds, Func<bool> action) => cluster.Time.After(microseconds, () =>
    {
        if (action())
        {
            cluster.Every(microseconds, action);
        }
    });

    public static void BreakAll(this Cluster cluster)
    {
        foreach (VirtualConnection connection in cluster.Network.Live.ToArray())
        {
            connection.Break();
        }
    }

    public static bool IsLoading(this SimulatedNode node) => node.Process!.Core.Upstream?.State == ReplicationLinkState.ReceivingSnapshot;

    public static NodeCounters Counters(this SimulatedNode node) => node.Process!.Core.Counters;

    public static DataSet Data(this SimulatedNode node) => node.Process!.Core.Data;
}
