using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Network;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>
/// Sliding entries that are set on the master and read only below it, on nodes whose clocks may differ, while links are cut. Each entry has one node that
/// reads it in time, again and again, until it is told to stop: as long as it does, the entry must be on every node, and afterwards on none.
/// </summary>
internal sealed class SlidingScenario
{
    private const int Nodes = 5;
    private const int Entries = 20;

    private static readonly NodeSettings Settings = new()
    {
        BacklogSize = 64 << 20,
        ReplicaOutputLimit = 64 << 20,
        ReplicaOutputSoftLimit = 64 << 20,
        HeartbeatInterval = 1_000,
        AckInterval = 1_000,
        LinkTimeout = 5_000,
        HandshakeTimeout = 1_000,
        ReconnectDelay = 50,
    };

    private readonly SeededRandom _random;
    private readonly SimulatedNode _master;
    private readonly List<Entry> _entries = [];
    private readonly bool _isSkewed;
    private readonly long _latest;
    private bool _isOver;

    private SlidingScenario(Cluster cluster, long shortest, long longest, (long Behind, long Ahead) skew, long latest)
    {
        Cluster = cluster;
        _random = cluster.Random.Fork();
        _isSkewed = skew != (0, 0);
        _latest = latest;
        cluster.Network.NextQuality = () => LinkQuality.Draw(_random) with { Window = 256 * 1024 };
        _master = cluster.Add("n0", Settings);
        for (int i = 1; i < Nodes; i++)
        {
            cluster.Add($"n{i}", Settings, $"n{_random.Next(i)}", TimeSpan.FromMilliseconds(_random.Between(-skew.Behind, skew.Ahead)));
        }

        for (int i = 0; i < Entries; i++)
        {
            _entries.Add(new Entry($"key {i}", _random.Between(shortest, longest), 1 + _random.Next(Nodes - 1)));
        }
    }

    public Cluster Cluster { get; }

    public int Cuts { get; private set; }

    public long Reads { get; private set; }

    public long TouchRecords { get; private set; }

    /// <summary>Runs it.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="shortest">The shortest window, in milliseconds.</param>
    /// <param name="longest">The longest.</param>
    /// <param name="skew">By how much a replica's clock may be behind the master's or ahead of it, in milliseconds.</param>
    /// <param name="latest">
    /// How long before the entry would expire it is read at the latest, in milliseconds: time for the touch to reach the master, over a link that may have been
    /// cut, and for a clock that is ahead.
    /// </param>
    /// <param name="duration">How long it is read, in milliseconds.</param>
    /// <param name="memory">Where all stores take memory from; null if each node has its own.</param>
    /// <exception cref="SimulationFailedException">Something was not as it must be.</exception>
    public static SlidingScenario Run(ulong seed, long shortest, long longest, (long Behind, long Ahead) skew, long latest, long duration, SeedMemory? memory = null)
    {
        var scenario = new SlidingScenario(new Cluster(seed, memory: memory), shortest, longest, skew, latest);
        scenario.Play(duration);
        return scenario;
    }

    private void Play(long duration)
    {
        foreach (SimulatedNode node in Cluster.Nodes)
        {
            node.Start();
        }

        foreach (Entry entry in _entries)
        {
            Cluster.Set(_master, entry.Key, [1], new WriteExpiration(null, null, TimeSpan.FromMilliseconds(entry.Window)));
        }

        Cluster.RunUntil(() => Cluster.Nodes.All(node => node == _master || Cluster.IsEqual(node, _master)), "all nodes have the entries");
        long before = _master.Process!.Core.Data.Changes;
        foreach (Entry entry in _entries)
        {
            Read(entry);
        }

        Every(duration * 1000 / 40, Cut);
        Every(duration * 1000 / 400, CheckAlive);
        Cluster.Run(duration);

        TouchRecords = _master.Process!.Core.Data.Changes - before;
        double allowed = _entries.Sum(entry => ((double)duration / entry.Window * 8) + 2);
        if (TouchRecords > allowed)
        {
            throw new SimulationFailedException($"{TouchRecords} touch records were written where {allowed} are enough.");
        }

        _isOver = true;
        Cluster.RunUntil(() => _master.Process!.Core.Data.Store.IsEmpty, "what nobody reads has expired", (2 * _entries.Max(entry => entry.Window)) + 1_000);
        Cluster.RunUntilEqual(_master);
    }

    private void Read(Entry entry)
    {
        if (_isOver)
        {
            return;
        }

        SimulatedNode node = Cluster.Nodes[entry.Reader];
        node.Process!.Run(() =>
        {
            Reads++;
            if (node.Process!.Core.Data.Store.Get(entry.Key, out _) != ReadOutcome.Hit)
            {
                throw new SimulationFailedException($"{node.Name} does not find {entry.Key}, which it reads in time. {Cluster.Describe()}");
            }
        });

        // Either often, or as late as it may be.
        long latest = entry.Window - _latest;
        Cluster.Time.After((_random.Chance(50) ? _random.Between(1, latest / 10) : latest) * 1000, () => Read(entry));
    }

    private void CheckAlive()
    {
        foreach (SimulatedNode node in Cluster.Nodes)
        {
            DataSet data = node.Process!.Core.Data;
            foreach (Entry entry in _entries)
            {
                // Where clocks differ, a node may hide the entry early, by as much.
                bool isThere = data.Store.TryGetMetadata(entry.Key, out EntryMetadata metadata) == ReadOutcome.Hit;
                if (!isThere || (!_isSkewed && metadata.EffectiveDeadline <= node.Process.Now().UtcMilliseconds))
                {
                    throw new SimulationFailedException($"{node.Name} has lost {entry.Key}, which n{entry.Reader} reads in time. {Cluster.Describe()}");
                }
            }
        }
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

    private void Every(long microseconds, Action action) => Cluster.Time.After(_random.Between(microseconds / 2, microseconds * 3 / 2), () =>
    {
        if (!_isOver)
        {
            action();
            Every(microseconds, action);
        }
    });

    private sealed record Entry(string Key, long Window, int Reader);
}
