using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Callers on replicas, whose writes go to the master: one after the other or many at a time, small and in several frames, given up or waited for.</summary>
internal sealed class ForwardingClients : PacedClients
{
    private readonly int _largestValue;

    public ForwardingClients(Cluster cluster, SeededRandom random)
        : base(cluster, random, least: 2_000, most: 200_000)
    {
        _largestValue = (int)random.Scaled(20, 5_000);
    }

    /// <summary>Settings of a node whose callers forward: small limits, so that they are met.</summary>
    public static NodeSettings Draw(SeededRandom random, NodeSettings settings) => settings with
    {
        ForwardsWrites = true,

        // A node reads all that has arrived and then takes it frame by frame. The slowest one must get through the largest values within the shortest LinkTimeout, or no
        // full sync ever does.
        ChunkSize = Math.Clamp(settings.ChunkSize, 1_000, 4_000),
        ForwardTimeout = random.Scaled(200, 10_000),
        ForwardBufferSize = random.Pick(200, 5_000, 100_000, 1_000_000),
        MaxForwardedWrites = random.Pick(2, 20, 10_000),
    };

    /// <summary>Everything that was begun must end, and leave nothing behind, on no node.</summary>
    public void CheckEverythingEnds()
    {
        Cluster.RunUntil(() => Cluster.Ledger.IsSettled, "every forwarded write has ended", 30_000);
        try
        {
            Cluster.RunUntil(() => Cluster.Nodes.All(HoldsNothing), "nothing is kept of forwarded writes");
        }
        catch (SimulationFailedException exception)
        {
            throw new SimulationFailedException($"{exception.Message}; {string.Join("; ", Cluster.Nodes.Where(node => !HoldsNothing(node)).Select(Describe))}");
        }

        foreach ((ForwardedWriteEnd end, int count) in Cluster.Ledger.Ends)
        {
            Cluster.Situations.Count($"forwarded write ended: {end}", count);
        }
    }

    /// <summary>Whether a node, where nothing is under way, has let go of everything that it knew of forwarded writes.</summary>
    public static bool HoldsNothing(SimulatedNode node) => node.Process is not { Core: { } core }
        || (core.Forwarder is { Count: 0, Unanswered: 0, AwaitsPosition: false } && core.Uplink is { IsEmpty: true, RelayedBytes: 0 } && core.Requests.Held == (0, 0));

    private static string Describe(SimulatedNode node)
    {
        NodeCore core = node.Process!.Core;
        return $"{node.Name} holds {core.Forwarder.Count} writes, {core.Forwarder.Unanswered} unanswered, {core.Uplink.RelayedBytes} bytes to pass on, {core.Requests.Held}";
    }

    protected override void CallSome()
    {
        SimulatedNode[] replicas = [.. Cluster.Nodes.Where(node => node.Process is not null && !node.IsMaster)];
        SimulatedNode[] streaming = [.. replicas.Where(node => node.IsStreaming)];

        // Where no link is up, a write is refused by an exception, which costs more than everything else here.
        SimulatedNode[] chosen = streaming.Length > 0 && Random.Chance(98) ? streaming : Random.Chance(5) ? replicas : [];
        if (chosen.Length > 0)
        {
            SimulatedNode node = Random.Pick(chosen);
            int calls = Random.Chance(10) ? Random.Next(20) + 1 : 1;
            for (int i = 0; i < calls; i++)
            {
                Call(node);
            }
        }
    }

    private void Call(SimulatedNode node)
    {
        // One key alone holds what needs several frames, so that the data set stays small.
        bool isLarge = Random.Next(60) == 0;
        int count = Random.Chance(15) && !isLarge ? Random.Next(12) + 2 : 1;
        int size = isLarge ? (int)Random.Scaled(1, 70_000) : (int)Random.Scaled(1, _largestValue);
        (string Key, int Size)[] sets = new (string, int)[count];
        for (int i = 0; i < count; i++)
        {
            sets[i] = (isLarge ? "large" : $"key {Random.Next(20)}", size);
        }

        WriteExpiration expiration = Random.Chance(10) ? new WriteExpiration(null, TimeSpan.FromMilliseconds(Random.Scaled(20, 20_000)), null) : default;
        if (Cluster.Forward(node, expiration, sets) is { } call && Random.Chance(10))
        {
            Cluster.Time.After(Random.Scaled(1, 1_000_000), () => call.Process.Run(() =>
            {
                lock (call.Process.Core.Gate)
                {
                    call.Process.Core.Forwarder.Cancel(call);
                }
            }));
        }
    }
}
