using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Network;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>
/// Strikes when a link or a session enters a state: at moments that are too short for faults that come at random. Per seed it lies in wait for some of the states, and has a few shots.
/// </summary>
internal sealed class Sniper
{
    private const int MostShots = 12;

    private readonly Cluster _cluster;
    private readonly Faults _faults;
    private readonly HarderFaults _harder;
    private readonly SeededRandom _random;
    private readonly HashSet<ReplicationLinkState> _links = [];
    private readonly HashSet<ReplicaSessionState> _sessions = [];
    private readonly int _givingPercent;
    private readonly int _percent;
    private readonly int _chainPercent;
    private readonly int _savePercent;
    private int _shots;
    private bool _isActive = true;

    public Sniper(Cluster cluster, Faults faults, HarderFaults harder, SeededRandom random)
    {
        _cluster = cluster;
        _faults = faults;
        _harder = harder;
        _random = random;
        _percent = random.Pick(0, 5, 30, 60);
        _givingPercent = random.Pick(30, 80);
        _chainPercent = random.Pick(0, 40, 70);
        _savePercent = random.Pick(0, 5);
        foreach (ReplicationLinkState state in (ReplicationLinkState[])
            [ReplicationLinkState.Handshaking, ReplicationLinkState.RequestingSync, ReplicationLinkState.ReceivingSnapshot, ReplicationLinkState.Streaming, ReplicationLinkState.Recovering])
        {
            if (random.Chance(35))
            {
                _links.Add(state);
            }
        }

        foreach (ReplicaSessionState state in (ReplicaSessionState[])
            [ReplicaSessionState.WaitingForSnapshot, ReplicaSessionState.SendingSnapshot, ReplicaSessionState.Recovering])
        {
            if (random.Chance(40))
            {
                _sessions.Add(state);
            }
        }

        cluster.Started = process =>
        {
            process.Watch.WhenLinkEntered = (driver, state) => Aim(_links.Contains(state) ? _percent : 0, driver.Connection);
            process.Watch.WhenSessionEntered = (driver, state) =>
            {
                if (state == ReplicaSessionState.SendingSnapshot && _random.Chance(_chainPercent))
                {
                    StrikeLongSnapshot(process, driver.Connection);
                }
                else
                {
                    Aim(_sessions.Contains(state) ? _percent : 0, driver.Connection);
                }
            };
            process.Watch.WhenGiving = driver => StrikeGiver(process, driver.Connection);
            process.Watch.WhenSaving = () => StrikeSave(process);
        };
    }

    public void Stop() => _isActive = false;

    /// <summary>The snapshot is held up on its way, and meanwhile its sender turns to something else.</summary>
    private void StrikeLongSnapshot(SimulatedProcess sender, VirtualConnection connection)
    {
        if (!_isActive || _shots >= MostShots)
        {
            return;
        }

        _shots++;
        connection.ToReplica.Faults.HeldUntil = _cluster.Time.Now + _random.Scaled(100_000, 1_000_000);
        SimulatedNode node = _cluster[sender.Name];
        _cluster.Time.After(_random.Scaled(10, 50_000), () =>
        {
            SimulatedNode[] masters = [.. _cluster.Nodes.Where(candidate => candidate != node && candidate.TakesWrites)];
            if (!_isActive)
            {
                return;
            }

            if (_random.Chance(20))
            {
                _faults.Freeze(node, _random.Scaled(10_000, 20_000_000));
            }
            else if (!node.IsMaster && _random.Chance(60))
            {
                node.Promote(force: false);
            }
            else if (masters.Length > 0)
            {
                node.ReplicateFrom(_random.Pick(masters).Name);
            }
            else if (!node.IsMaster && node.Target is { } target && _cluster[target].IsMaster == false)
            {
                _cluster[target].Promote(force: false);
            }
        });
    }

    /// <summary>The one that a recovering master takes its data from dies, or is lost.</summary>
    private void StrikeGiver(SimulatedProcess giver, VirtualConnection connection)
    {
        if (!_isActive || !_random.Chance(_givingPercent))
        {
            return;
        }

        bool dies = _random.Chance(50);
        connection.ToMaster.Faults.HeldUntil = _cluster.Time.Now + _random.Scaled(1_000, 200_000);
        _cluster.Time.After(_random.Scaled(10, 3_000), () =>
        {
            if (!_isActive || connection.IsBroken)
            {
                return;
            }

            if (dies)
            {
                _faults.Die(_cluster[giver.Name], isPowerLoss: false);
            }
            else
            {
                connection.Break();
            }
        });
    }

    /// <summary>The power fails while a snapshot file is being written.</summary>
    private void StrikeSave(SimulatedProcess saving)
    {
        if (_isActive && _shots < MostShots && _random.Chance(_savePercent))
        {
            _shots++;
            _cluster.Time.After(_random.Scaled(1, 1_000), () =>
            {
                if (_cluster[saving.Name].Process == saving)
                {
                    _faults.Die(_cluster[saving.Name], isPowerLoss: true);
                }
            });
        }
    }

    private void Aim(int percent, VirtualConnection connection)
    {
        if (!_isActive || percent == 0 || _shots >= MostShots || !_random.Chance(percent))
        {
            return;
        }

        _shots++;
        _cluster.Time.After(_random.Chance(30) ? 0 : _random.Scaled(10, 30_000), () =>
        {
            if (_isActive && !connection.IsBroken)
            {
                Shoot(connection);
            }
        });
    }

    private void Shoot(VirtualConnection connection)
    {
        SimulatedNode replica = _cluster[connection.From];
        SimulatedNode master = _cluster[connection.To];
        VirtualPipe pipe = _random.Chance(60) ? connection.ToReplica : connection.ToMaster;
        switch (_random.Next(12))
        {
            case 0 or 1:
                connection.Break();
                break;
            case 2:
                pipe.Faults.BreakAt = pipe.Delivered + _random.Scaled(1, 3_000);
                break;
            case 3:
                pipe.Faults.FlipAt = pipe.Delivered + _random.Scaled(1, 500);
                pipe.Faults.FlipBit = _random.Next(8);
                break;
            case 4:
                pipe.Faults.SilentAt = pipe.Delivered;
                break;
            case 5:
                _faults.Die(master, isPowerLoss: _random.Chance(50));
                break;
            case 6:
                _faults.Die(replica, isPowerLoss: _random.Chance(50));
                break;
            case 7:
                _faults.Freeze(_random.Chance(50) ? master : replica, _random.Scaled(10_000, 20_000_000));
                break;
            case 8:
                master.Promote(force: false);
                break;
            case 9:
                (_random.Chance(50) ? replica : master).ReplicateFrom(_random.Pick<SimulatedNode>([.. _cluster.Nodes]).Name);
                break;
            case 10:
                replica.Promote(force: false);
                break;
            default:
                _harder.Jump(_random.Chance(50) ? master : replica);
                break;
        }
    }
}
