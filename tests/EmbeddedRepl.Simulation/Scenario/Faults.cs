using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Network;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>What goes wrong with network and processes. How much of what is drawn once per seed, so that some seeds have one kind of trouble only.</summary>
internal sealed class Faults
{
    private readonly Cluster _cluster;
    private readonly SeededRandom _random;
    private readonly HashSet<(string From, string To)> _cutOff = [];
    private readonly long _longestPause;
    private readonly long _pause;
    private readonly int _faultyConnections;
    private readonly int _breakWeight;
    private readonly int _silenceWeight;
    private readonly int _crashWeight;
    private readonly int _masterCrashWeight;
    private readonly int _freezeWeight;
    private readonly int _partitionWeight;
    private bool _isActive = true;

    /// <param name="cluster">What they strike.</param>
    /// <param name="longestPause">For how long a node is held up at most, in microseconds.</param>
    public Faults(Cluster cluster, long longestPause = 6_000_000)
    {
        _cluster = cluster;
        _longestPause = longestPause;
        _random = cluster.Random.Fork();
        _pause = _random.Scaled(50_000, 3_000_000);
        _faultyConnections = _random.Pick(0, 20, 60);
        _breakWeight = _random.Pick(0, 10, 20);
        _silenceWeight = _random.Pick(0, 5);
        _crashWeight = _random.Pick(0, 5);
        _masterCrashWeight = _random.Pick(0, 2, 5);
        _freezeWeight = _random.Pick(0, 5);
        _partitionWeight = _random.Pick(0, 0, 5);
        LinkQuality? common = _random.Chance(50) ? LinkQuality.Draw(_random) : null;
        cluster.Network.NextQuality = () => common ?? LinkQuality.Draw(_random);
        cluster.Network.Opened = Plan;
        cluster.Network.IsUnreachable = (from, to) => _cutOff.Contains((from, to)) || _cutOff.Contains((to, from));
    }

    public void Start() => _cluster.Time.After(_random.Between(0, _pause), Strike);

    /// <summary>From now on nothing goes wrong, and what can be mended is.</summary>
    public void Heal()
    {
        _isActive = false;
        _cutOff.Clear();
        foreach (SimulatedNode node in _cluster.Nodes)
        {
            node.Disk?.Mend();
        }

        foreach (SimulatedNode node in _cluster.Nodes)
        {
            if (node.Process is null)
            {
                node.Start();
            }
            else
            {
                node.Process.Thaw();
            }
        }

        foreach (VirtualConnection connection in _cluster.Network.Live)
        {
            foreach (VirtualPipe pipe in (VirtualPipe[])[connection.ToMaster, connection.ToReplica])
            {
                pipe.Faults.BreakAt = -1;
                pipe.Faults.FlipAt = -1;
                if (!pipe.IsSilent)
                {
                    pipe.Faults.SilentAt = -1;
                }
            }
        }
    }

    private void Plan(VirtualConnection connection)
    {
        if (!_isActive || !_random.Chance(_faultyConnections))
        {
            return;
        }

        VirtualPipe pipe = _random.Chance(70) ? connection.ToReplica : connection.ToMaster;
        long at = _random.Chance(50) ? _random.Between(0, 700) : _random.Scaled(1, 200_000);
        switch (_random.Next(4))
        {
            case 0:
                pipe.Faults.FlipAt = at;
                pipe.Faults.FlipBit = _random.Next(8);
                _cluster.Situations.Count("fault planned: a bit flips");
                break;
            case 1:
                pipe.Faults.SilentAt = at;
                _cluster.Situations.Count("fault planned: one direction goes silent");
                break;
            default:
                pipe.Faults.BreakAt = at;
                _cluster.Situations.Count("fault planned: connection breaks at a byte");
                break;
        }
    }

    private void Strike()
    {
        if (!_isActive)
        {
            return;
        }

        int total = _breakWeight + _silenceWeight + _crashWeight + _masterCrashWeight + _freezeWeight + _partitionWeight;
        if (total > 0)
        {
            StrikeOnce(_random.Next(total));
        }

        _cluster.Time.After(_random.Between(1, _pause * 2), Strike);
    }

    private void StrikeOnce(int drawn)
    {
        if ((drawn -= _breakWeight) < 0)
        {
            if (PickConnection() is { } connection)
            {
                _cluster.Situations.Count("fault: connection broken");
                connection.Break();
            }
        }
        else if ((drawn -= _silenceWeight) < 0)
        {
            Silence();
        }
        else if ((drawn -= _crashWeight) < 0)
        {
            Crash(isMaster: false);
        }
        else if ((drawn -= _masterCrashWeight) < 0)
        {
            Crash(isMaster: true);
        }
        else if ((drawn - _freezeWeight) < 0)
        {
            Freeze();
        }
        else
        {
            Partition();
        }
    }

    private VirtualConnection? PickConnection()
    {
        VirtualConnection[] live = [.. _cluster.Network.Live];
        return live.Length == 0 ? null : _random.Pick(live);
    }

    private void Silence()
    {
        if (PickConnection() is not { } connection)
        {
            return;
        }

        int which = _random.Next(3);
        _cluster.Situations.Count(which == 2 ? "fault: both directions go silent" : "fault: one direction goes silent");
        if (which != 0)
        {
            connection.ToMaster.Faults.SilentAt = connection.ToMaster.Delivered;
        }

        if (which != 1)
        {
            connection.ToReplica.Faults.SilentAt = connection.ToReplica.Delivered;
        }
    }

    private void Crash(bool isMaster)
    {
        SimulatedNode[] victims = [.. _cluster.Nodes.Where(node => node.Process is not null && node.IsMaster == isMaster)];
        if (victims.Length == 0)
        {
            return;
        }

        // Now and then all of them, as when a rack loses its power.
        bool isPowerLoss = _random.Chance(50);
        if (_random.Chance(10))
        {
            _cluster.Situations.Count(SituationCatalogue.AllDie);
            victims = [.. _cluster.Nodes];
        }
        else
        {
            victims = [_random.Pick(victims)];
        }

        foreach (SimulatedNode victim in victims)
        {
            if (isPowerLoss && victim.Disk is { } disk)
            {
                disk.FailSoon();
            }

            _cluster.Time.After(isPowerLoss ? _random.Scaled(1_000, 1_000_000) : 0, () => Die(victim, isPowerLoss));
        }
    }

    /// <summary>Ends a node's process, which is started again some time later.</summary>
    /// <param name="victim">The node.</param>
    /// <param name="isPowerLoss">Whether what was not flushed to its disk is lost.</param>
    /// <param name="mostDown">How long it stays down at most, in microseconds.</param>
    public void Die(SimulatedNode victim, bool isPowerLoss, long mostDown = 5_000_000)
    {
        if (!_isActive)
        {
            return;
        }

        victim.Kill(isHeard: _random.Chance(70), isPowerLoss);
        if (victim.Disk is { } disk && _random.Chance(15))
        {
            _cluster.Situations.Count(SituationCatalogue.DiskLost);
            disk.Lose();
        }

        _cluster.Time.After(_random.Scaled(1_000, mostDown), () =>
        {
            if (victim.Process is null)
            {
                _cluster.Trace.Add($"{victim.Name} is started again");
                _cluster.Situations.Count(
                    $"{(victim.ConfiguredMaster is null ? "master" : "replica")} restarts {(victim.Disk?.HasFile == true ? "with" : "without")} a file{(_cluster.MastersRecover ? ", masters recover" : "")}");
                victim.Start();
            }
        });
    }

    private void Freeze()
    {
        SimulatedNode node = _random.Pick<SimulatedNode>([.. _cluster.Nodes]);
        if (node.Process is { IsFrozen: false })
        {
            _cluster.Situations.Count(node.IsMaster ? "master frozen" : "replica frozen");
            Freeze(node, _random.Scaled(10_000, _longestPause));
        }
    }

    /// <summary>A node is held up for so many microseconds.</summary>
    public void Freeze(SimulatedNode node, long duration)
    {
        if (!_isActive || node.Process is not { IsFrozen: false } process)
        {
            return;
        }

        _cluster.Trace.Add($"{node.Name} freezes");
        process.Freeze();
        _cluster.Time.After(duration, () =>
        {
            _cluster.Trace.Add($"{node.Name} thaws");
            process.Thaw();
        });
    }

    private void Partition()
    {
        SimulatedNode a = _random.Pick<SimulatedNode>([.. _cluster.Nodes]);
        SimulatedNode b = _random.Pick<SimulatedNode>([.. _cluster.Nodes]);
        if (a == b || !_cutOff.Add((a.Name, b.Name)))
        {
            return;
        }

        _cluster.Situations.Count("fault: two nodes cannot reach each other");
        foreach (VirtualConnection connection in _cluster.Network.Live)
        {
            if ((connection.From == a.Name && connection.To == b.Name) || (connection.From == b.Name && connection.To == a.Name))
            {
                connection.ToMaster.Faults.SilentAt = connection.ToMaster.Delivered;
                connection.ToReplica.Faults.SilentAt = connection.ToReplica.Delivered;
            }
        }

        _cluster.Time.After(_random.Scaled(100_000, 8_000_000), () => _cutOff.Remove((a.Name, b.Name)));
    }
}
