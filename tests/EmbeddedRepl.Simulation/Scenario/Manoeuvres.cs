using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>What operators do in several steps, right and wrong: failovers, one after the other, demotions, circles, chains. Each step meets the cluster in whatever state it is by then.</summary>
internal sealed class Manoeuvres(Cluster cluster, SeededRandom random)
{
    private readonly long _pause = random.Scaled(500_000, 6_000_000);
    private readonly bool _isBusy = random.Chance(60);
    private bool _isActive = true;

    public void Start()
    {
        if (_isBusy)
        {
            cluster.Time.After(random.Between(0, _pause), Begin);
        }
    }

    public void Stop() => _isActive = false;

    private void Begin()
    {
        if (!_isActive)
        {
            return;
        }

        SimulatedNode[] replicas = [.. cluster.Nodes.Where(node => node.Process is not null && !node.IsMaster)];
        if (replicas.Length > 0)
        {
            Begin(random.Pick(replicas), replicas);
        }

        cluster.Time.After(random.Between(1, _pause * 2), Begin);
    }

    private void Begin(SimulatedNode node, SimulatedNode[] replicas)
    {
        switch (random.Next(6))
        {
            case 0:
                FailOver(node);
                break;
            case 1:
                // A second failover before all have heard of the first one.
                node.Promote(force: false);
                SimulatedNode second = random.Pick(replicas);
                Later(random.Scaled(1, 300_000), () => FailOver(second));
                break;
            case 2:
                // Two that follow each other.
                SimulatedNode other = random.Pick(replicas);
                node.ReplicateFrom(other.Name);
                Later(random.Chance(50) ? 0 : random.Scaled(1, 500_000), () => other.ReplicateFrom(node.Name));
                break;
            case 3:
                // A longer chain, in the middle of which somebody is promoted later.
                SimulatedNode upper = random.Pick(replicas);
                node.ReplicateFrom(upper.Name);
                Later(random.Scaled(1_000, 1_000_000), () => upper.Promote(force: false));
                break;
            case 4:
                // Two masters; the old one writes on for a while, or for no time at all, and is then sent below the new one.
                SimulatedNode? old = cluster.Nodes.FirstOrDefault(candidate => candidate.IsMaster);
                node.Promote(force: false);
                Later(random.Chance(40) ? 0 : random.Scaled(1, 1_000_000), () => old?.ReplicateFrom(node.Name));
                break;
            default:
                // Whoever serves somebody below is the one.
                SimulatedNode middle = Array.Find(replicas, candidate => candidate.Process!.Watch.SendsSnapshot) ?? node;
                middle.Promote(force: false);
                break;
        }
    }

    private void FailOver(SimulatedNode heir)
    {
        heir.Promote(force: false);
        if (!heir.TakesWrites)
        {
            return;
        }

        foreach (SimulatedNode node in cluster.Nodes)
        {
            if (node != heir && random.Chance(80))
            {
                Later(random.Scaled(1, 500_000), () => node.ReplicateFrom(heir.Name));
            }
        }
    }

    private void Later(long microseconds, Action action) => cluster.Time.After(microseconds, () =>
    {
        if (_isActive)
        {
            action();
        }
    });
}
