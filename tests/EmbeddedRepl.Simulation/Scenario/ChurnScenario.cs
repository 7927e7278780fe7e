using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Network;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>
/// Five nodes under load for 40 seconds, in topologies that change all the time: links are cut about every second, nodes are sent below others, and
/// now and then one is promoted, after which the old master is sent below it, with or without having written on. Nobody dies and the backlog has room for
/// everything, so each full sync has its reason in an order or in a promotion.
/// </summary>
internal sealed class ChurnScenario
{
    private const int Nodes = 5;
    private const long Duration = 40_000;

    private static readonly NodeSettings Settings = new()
    {
        BacklogSize = 64 << 20,
        ReplicaOutputLimit = 64 << 20,
        ReplicaOutputSoftLimit = 64 << 20,
        HeartbeatInterval = 200,
        AckInterval = 100,
        LinkTimeout = 2_000,
        HandshakeTimeout = 1_000,
        ReconnectDelay = 50,
        ChunkSize = 4096,
    };

    private readonly SeededRandom _random;
    private SimulatedNode _master;
    private bool _isOver;

    private ChurnScenario(Cluster cluster)
    {
        Cluster = cluster;
        _random = cluster.Random.Fork();
        cluster.Network.NextQuality = () => LinkQuality.Draw(_random) with { Window = 256 * 1024 };
        _master = cluster.Add("n0", Settings);
        for (int i = 1; i < Nodes; i++)
        {
            cluster.Add($"n{i}", Settings, $"n{_random.Next(i)}");
        }
    }

    public Cluster Cluster { get; }

    /// <summary>How many links were cut.</summary>
    public int Cuts { get; private set; }

    public int Promotions { get; private set; }

    /// <summary>Full syncs that nodes completed; each of them replaced data that the rules do not let continue, or was a first one.</summary>
    public long Completed => Cluster.Nodes.Sum(node => node.Process!.Core.Counters.FullSyncsCompleted);

    public long Started => Cluster.Nodes.Sum(node => node.Process!.Core.Counters.SyncFull);

    /// <summary>Runs it, to the end where all nodes have been compared with each other.</summary>
    /// <exception cref="SimulationFailedException">Something was not as it must be.</exception>
    public static ChurnScenario Run(ulong seed, TextWriter? trace = null)
    {
        var scenario = new ChurnScenario(new Cluster(seed, trace));
        scenario.Play();
        return scenario;
    }

    private void Play()
    {
        foreach (SimulatedNode node in Cluster.Nodes)
        {
            node.Start();
        }

        Every(4_000, Write);
        Every(1_000_000, Cut);
        Every(1_500_000, Repoint);
        Every(5_000_000, Promote);
        Cluster.Run(Duration);

        _isOver = true;
        foreach (SimulatedNode node in Cluster.Nodes.Where(node => node != _master && (node.IsMaster || node.Process!.Core.Upstream!.Refusal is not null)))
        {
            node.ReplicateFrom(_master.Name);
        }

        // Whoever was sent into a circle is taken out of it.
        Cluster.Run(10_000);
        foreach (SimulatedNode node in Cluster.Nodes.Where(node => node != _master && !Cluster.IsEqual(node, _master)))
        {
            node.ReplicateFrom(_master.Name);
        }

        Cluster.RunUntilEqual(_master);
        if (Started != Cluster.Syncs.Explained || Completed > Started)
        {
            throw new SimulationFailedException($"{Started} full syncs began and {Completed} were completed; {Cluster.Syncs.Explained} had a reason.");
        }
    }

    private void Every(long microseconds, Action action) => Cluster.Time.After(_random.Between(microseconds / 2, microseconds * 3 / 2), () =>
    {
        if (!_isOver)
        {
            action();
            Every(microseconds, action);
        }
    });

    private void Write()
    {
        byte[] value = new byte[_random.Scaled(1, 2_000)];
        _random.Fill(value);
        Cluster.Set(_master, $"key {_random.Next(300)}", value);
    }

    private void Cut()
    {
        VirtualConnection[] live = [.. Cluster.Network.Live];
        if (live.Length > 0)
        {
            _random.Pick(live).Break();
            Cuts++;
        }
    }

    private void Repoint()
    {
        SimulatedNode node = Cluster.Nodes[_random.Next(Nodes)];
        SimulatedNode other = Cluster.Nodes[_random.Next(Nodes)];
        if (node != _master && node != other)
        {
            node.ReplicateFrom(other.Name);
        }
    }

    private void Promote()
    {
        SimulatedNode old = _master;
        SimulatedNode node = Cluster.Nodes[_random.Next(Nodes)];
        if (node == old || !node.Process!.Core.Data.HasHistory)
        {
            return;
        }

        node.Promote(force: false);
        Promotions++;
        if (_random.Chance(50))
        {
            Cluster.Situations.Count("old master wrote on");
            Write();
        }

        _master = node;
        old.ReplicateFrom(node.Name);
    }
}
