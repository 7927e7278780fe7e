using EmbeddedRepl.Protocol;
using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>
/// Who gives orders: at first at random (wrong ones too), in the end sensible ones, which is to say: one master, everybody on a
/// way to it, and refusals resolved. It never helps a link that has nothing but a broken network to deal with.
/// </summary>
internal sealed class Operator
{
    private readonly Cluster _cluster;
    private readonly SeededRandom _random;
    private readonly long _pause;
    private readonly int _orderWeight;
    private readonly int _promoteWeight;
    private readonly int _overrideWeight;
    private readonly bool _prefersOverride;
    private bool _isPlaying = true;

    public Operator(Cluster cluster)
    {
        _cluster = cluster;
        _random = cluster.Random.Fork();
        _pause = _random.Scaled(300_000, 8_000_000);
        _orderWeight = _random.Pick(0, 0, 5, 10);
        _promoteWeight = _random.Pick(0, 0, 3, 5);
        _overrideWeight = _random.Pick(0, 0, 0, 1);
        _prefersOverride = _random.Chance(30);
    }

    public void Start() => _cluster.Time.After(_random.Between(0, _pause), Play);

    /// <summary>Stops playing and puts the cluster in order, again and again until it is.</summary>
    /// <returns>The one master that everybody is to follow.</returns>
    public SimulatedNode PutInOrder()
    {
        _isPlaying = false;
        SimulatedNode root = ChooseRoot();
        _cluster.Trace.Add($"the operator wants everybody to follow {root.Name}");
        Supervise(root);
        return root;
    }

    private void Play()
    {
        if (!_isPlaying)
        {
            return;
        }

        int total = _orderWeight + _promoteWeight + _overrideWeight;
        if (total > 0)
        {
            int drawn = _random.Next(total);
            SimulatedNode node = _random.Pick<SimulatedNode>([.. _cluster.Nodes]);
            SimulatedNode other = _random.Pick<SimulatedNode>([.. _cluster.Nodes]);
            if (drawn < _orderWeight)
            {
                node.ReplicateFrom(other.Name);
            }
            else if (drawn < _orderWeight + _promoteWeight)
            {
                node.Promote(force: _random.Chance(20));
            }
            else
            {
                node.Override();
            }
        }

        _cluster.Time.After(_random.Between(1, _pause * 2), Play);
    }

    private SimulatedNode ChooseRoot()
    {
        SimulatedNode[] masters = [.. _cluster.Nodes.Where(node => node.IsMaster)];
        if (masters.Length > 0)
        {
            return _random.Pick(masters);
        }

        SimulatedNode[] ready = [.. _cluster.Nodes.Where(node => node.Process!.Core.IsReady)];
        SimulatedNode chosen = _random.Pick(ready.Length > 0 ? ready : [.. _cluster.Nodes]);
        chosen.Promote(force: true);
        return chosen;
    }

    private void Supervise(SimulatedNode root)
    {
        if (root.Process?.Core.Recovery is { State: RecoveryState.Undecided })
        {
            root.Override();
        }

        if (!root.IsMaster)
        {
            // It was still loading its file when it was chosen.
            root.Promote(force: true);
        }

        foreach (SimulatedNode node in _cluster.Nodes)
        {
            if (node != root && (node.IsMaster || !LeadsTo(node, root)))
            {
                node.ReplicateFrom(root.Name);
            }
            else if (node != root && node.Target is { } target && IsRefusedByOldNews(node, _cluster[target]))
            {
                // It goes by whom its master followed when they shook hands, so they must do so again.
                _cluster[target].ReplicateFrom(_cluster[target].Target!);
            }
            else if (node != root && !node.IsStreaming && node.Process!.Core.Upstream?.Refusal is not null)
            {
                if (_prefersOverride && node.Target == root.Name && !root.Process!.Core.OverridesRefusals)
                {
                    root.Override();
                }
                else
                {
                    node.ReplicateFrom(node.Target!);
                }
            }
        }

        _cluster.Time.After(1_000_000, () => Supervise(root));
    }

    /// <summary>Whether a node is refused for a cycle that is none any more, by one that is not told of changes further up because its master is too old for that.</summary>
    private bool IsRefusedByOldNews(SimulatedNode node, SimulatedNode master) =>
        !node.IsStreaming && node.Process!.Core.Upstream?.DownReason?.Contains("cycle", StringComparison.Ordinal) == true
        && master is { IsStreaming: true, Target: { } above }
        && !_cluster[above].Settings.OfferedCapabilities.HasFlag(Capabilities.UpstreamUpdates);

    private bool LeadsTo(SimulatedNode node, SimulatedNode root)
    {
        SimulatedNode? next = node;
        for (int i = 0; i <= _cluster.Nodes.Count && next is not null; i++)
        {
            if (next == root)
            {
                return true;
            }

            next = next.Target is { } target ? _cluster[target] : null;
        }

        return false;
    }
}
