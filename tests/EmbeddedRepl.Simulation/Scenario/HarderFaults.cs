using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Network;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>
/// What the first regime does not know: delays with a long tail, partitions of one direction, slow readers, clocks that are set and drift, disks that run full, nodes without memory. Which of
/// them, and how often, is drawn once per seed.
/// </summary>
internal sealed class HarderFaults
{
    private static readonly TimeSpan MostJump = TimeSpan.FromHours(1);

    private readonly Cluster _cluster;
    private readonly SeededRandom _random;
    private readonly HashSet<(string From, string To)> _cutOff = [];
    private readonly long _pause;
    private readonly int _tailPerMille;
    private readonly int _cutWeight;
    private readonly int _slowWeight;
    private readonly int _clockWeight;
    private readonly int _diskWeight;
    private readonly int _memoryWeight;
    private readonly int _driftPercent;
    private bool _isActive = true;

    public HarderFaults(Cluster cluster, SeededRandom random)
    {
        _cluster = cluster;
        _random = random;
        _pause = random.Scaled(100_000, 2_000_000);
        _tailPerMille = random.Pick(0, 0, 2, 10);
        _cutWeight = random.Pick(0, 5);
        _slowWeight = random.Pick(0, 3);
        _clockWeight = random.Pick(0, 5);
        _diskWeight = random.Pick(0, 5);
        _memoryWeight = random.Pick(0, 0, 3);
        _driftPercent = random.Pick(0, 100);
        Func<string, string, bool> isUnreachable = cluster.Network.IsUnreachable;
        cluster.Network.IsUnreachable = (from, to) => isUnreachable(from, to) || _cutOff.Contains((from, to)) || _cutOff.Contains((to, from));
        Action<VirtualConnection> opened = cluster.Network.Opened;
        cluster.Network.Opened = connection =>
        {
            opened(connection);
            Plan(connection);
        };
        LinkQuality? common = random.Chance(50) ? Draw(random) : null;
        cluster.Network.NextQuality = () => common ?? Draw(_random);
        foreach (SimulatedNode node in _cluster.Nodes)
        {
            if (_random.Chance(_driftPercent))
            {
                node.Clock.Drift(_random.Between(-500, 500));
            }

            if (node.Disk is { } slow && _random.Chance(40))
            {
                slow.Slowness = _random.Scaled(100, 100_000);
            }

            if (node.Disk is { } disk && _random.Chance(30))
            {
                disk.Disk.LongestRead = (int)_random.Scaled(16, 100_000);
            }
        }
    }

    public void Start() => _cluster.Time.After(_random.Between(0, _pause), Strike);

    /// <summary>From now on nothing goes wrong. Clocks stay as wrong as they are, and go on drifting.</summary>
    public void Heal()
    {
        _isActive = false;
        _cutOff.Clear();
        foreach (VirtualConnection connection in _cluster.Network.Live)
        {
            foreach (VirtualPipe pipe in (VirtualPipe[])[connection.ToMaster, connection.ToReplica])
            {
                pipe.Faults.TailPerMille = 0;
                pipe.Faults.HeldUntil = 0;
            }
        }

        // A node reads what has arrived, and works through all of it before it reads on. If that takes it longer than LinkTimeout, its links are given up again and again, as they have to be; this is not about such nodes.
        Func<LinkQuality> quality = _cluster.Network.NextQuality;
        long timeout = _cluster.Nodes.Min(node => node.Settings.LinkTimeout) * 1_000;
        long most = _cluster.Nodes.Min(node => node.Settings.ChunkSize) * timeout / _cluster.Nodes.Max(node => node.Process?.Slowness ?? 1);
        _cluster.Network.NextQuality = () => quality().NoWiderThan(most);
        foreach (SimulatedNode node in _cluster.Nodes)
        {
            node.ReplicaMemory = long.MaxValue;
            if (node.Process is { } process)
            {
                process.SlowUntil = 0;
            }
        }
    }

    /// <summary>Sets the wall clock of a node.</summary>
    public void Jump(SimulatedNode node)
    {
        if (!_isActive)
        {
            return;
        }

        TimeSpan by = TimeSpan.FromMilliseconds(_random.Scaled(1, (long)MostJump.TotalMilliseconds) * (_random.Chance(50) ? 1 : -1));
        _cluster.Trace.Add($"{node.Name}'s clock is set by {by}");
        node.Clock.Jump(by);
        if (node.Process is not { } process)
        {
            return;
        }

        Count(SituationCatalogue.JumpBackOnMaster, node.IsMaster && by < TimeSpan.Zero);
        Count(SituationCatalogue.JumpForwardOnMaster, node.IsMaster && by > TimeSpan.Zero);
        Count(SituationCatalogue.JumpOnReplica, !node.IsMaster);
        Count(SituationCatalogue.JumpBackInRecovery, process.Core.Recovery is not null && by < TimeSpan.Zero);
        Count(SituationCatalogue.JumpInSnapshot, process.Watch.SendsSnapshot || process.Core.Upstream?.State == ReplicationLinkState.ReceivingSnapshot);
    }

    /// <summary>0 to 30 ms each way, and at least so much on the way at a time that a data set gets through.</summary>
    private static LinkQuality Draw(SeededRandom random)
    {
        long latency = random.Chance(50) ? random.Scaled(20, 3_000) : random.Between(0, 25_000);
        long window = Math.Max(random.Scaled(256, 512 * 1024), latency * 2 / 3);
        return new LinkQuality(latency, random.Scaled(1, 5_000), (int)window, (int)random.Scaled(64, 64 * 1024));
    }

    private void Plan(VirtualConnection connection)
    {
        if (_isActive)
        {
            foreach (VirtualPipe pipe in (VirtualPipe[])[connection.ToMaster, connection.ToReplica])
            {
                pipe.Faults.TailPerMille = _tailPerMille;
                pipe.Faults.Tail = 2_000_000;
            }
        }
    }

    private void Strike()
    {
        if (!_isActive)
        {
            return;
        }

        int total = _cutWeight + _slowWeight + _clockWeight + _diskWeight + _memoryWeight;
        if (total > 0)
        {
            StrikeOnce(_random.Pick<SimulatedNode>([.. _cluster.Nodes]), _random.Next(total));
        }

        _cluster.Time.After(_random.Between(1, _pause * 2), Strike);
    }

    private void StrikeOnce(SimulatedNode node, int drawn)
    {
        if ((drawn -= _cutWeight) < 0)
        {
            Cut(node, _random.Pick<SimulatedNode>([.. _cluster.Nodes]));
        }
        else if ((drawn -= _slowWeight) < 0)
        {
            SlowDown(node);
        }
        else if ((drawn -= _clockWeight) < 0)
        {
            Jump(node);
        }
        else if (drawn - _diskWeight < 0)
        {
            FillDisk(node);
        }
        else
        {
            Squeeze(node);
        }
    }

    /// <summary>What one node sends does not reach the other one for a while; what that one sends does.</summary>
    private void Cut(SimulatedNode from, SimulatedNode to)
    {
        if (from == to || !_cutOff.Add((from.Name, to.Name)))
        {
            return;
        }

        long duration = _random.Scaled(50_000, 8_000_000);
        _cluster.Trace.Add($"nothing gets from {from.Name} to {to.Name}");
        foreach (VirtualConnection connection in _cluster.Network.Live)
        {
            VirtualPipe? pipe = (connection.From, connection.To) == (from.Name, to.Name) ? connection.ToMaster
                : (connection.To, connection.From) == (from.Name, to.Name) ? connection.ToReplica
                : null;
            if (pipe is not null)
            {
                Count(SituationCatalogue.OneWayCut, true);
                pipe.Faults.HeldUntil = _cluster.Time.Now + duration;
            }
        }

        _cluster.Time.After(duration, () => _cutOff.Remove((from.Name, to.Name)));
    }

    private void SlowDown(SimulatedNode node)
    {
        if (node.Process is { } process)
        {
            Count(SituationCatalogue.SlowReader, process.Core.Upstream?.State is ReplicationLinkState.Streaming or ReplicationLinkState.ReceivingSnapshot);
            process.SlowFrame = _random.Scaled(1_000, 200_000);
            process.SlowUntil = _cluster.Time.Now + _random.Scaled(100_000, 5_000_000);
        }
    }

    private void FillDisk(SimulatedNode node)
    {
        if (node.Disk is not { } disk)
        {
            return;
        }

        disk.Fill(_random.Scaled(1, 20_000));
        _cluster.Time.After(_random.Scaled(100_000, 8_000_000), () =>
        {
            if (_isActive)
            {
                disk.Disk.Capacity = long.MaxValue;
            }
        });
    }

    /// <summary>A replica may use less memory than its master's data set needs, until somebody gives it more.</summary>
    private void Squeeze(SimulatedNode node)
    {
        if (node.IsMaster || node.Process is not { } process)
        {
            return;
        }

        node.ReplicaMemory = process.Core.Data.Store.UsedBytes + _random.Scaled(1, 100_000);
        _cluster.Time.After(_random.Scaled(200_000, 4_000_000), () => node.ReplicaMemory = long.MaxValue);
    }

    private void Count(Situation situation, bool isSo)
    {
        if (isSo)
        {
            _cluster.Situations.Count(situation);
        }
    }
}
