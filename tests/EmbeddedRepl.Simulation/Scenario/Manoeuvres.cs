using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>What operators do in several steps, right and wrong: failovers, one after the other, demotions, circles, chains. Each step meets the cluster in whatever state it is by then.</summary>
internal sealed class Manoeuvres(Cluster cluster, Faults faults, SeededRandom random)
{
    private enum Kind
    {
        FailOver,

        /// <summary>A second failover before all have heard of the first one.</summary>
        FailOverTwice,

        /// <summary>Two that follow each other.</summary>
        Circle,

        /// <summary>A longer chain, in the middle of which somebody is promoted later.</summary>
        Chain,

        /// <summary>Two masters; the old one writes on for a while, or for no time at all, and is then sent below the new one.</summary>
        Demotion,

        /// <summary>Another line is taken over in the middle of a chain.</summary>
        OtherLine,

        /// <summary>Whoever serves somebody below is the one.</summary>
        PromoteMiddle,

        /// <summary>A failover for good: the old master wrote on, goes down, and comes back configured to follow its successor. Whoever was below it stays there.</summary>
        Reconfigure,

        /// <summary>A configured master goes down and comes back to what its replicas have kept.</summary>
        RestartMaster,

        /// <summary>Two promotions for one run only, and a restart of all: what is offered to the master has parted.</summary>
        PartBelowMaster,
    }

    /// <summary>How often a manoeuvre that does not fit the state of the cluster is tried again.</summary>
    private const int Tries = 30;

    private readonly long _pause = random.Scaled(100_000, cluster.MastersRecover ? 1_000_000 : 3_000_000);
    private readonly bool _isBusy = random.Chance(85);
    private readonly Kind _favourite = (Kind)(cluster.MastersRecover && random.Chance(85) ? (int)random.Pick(Kind.RestartMaster, Kind.PartBelowMaster, Kind.PartBelowMaster, Kind.PartBelowMaster) : random.Next((int)Kind.RestartMaster));
    private bool _isActive = true;

    public void Start()
    {
        if (_isBusy)
        {
            // First of all what needs a cluster that works, which it does perhaps not for long.
            cluster.Time.After(cluster.MastersRecover ? 0 : random.Scaled(1, 400_000), () => Begin(_favourite, Tries));
        }
    }

    public void Stop() => _isActive = false;

    private Kind Draw() => random.Chance(60) ? _favourite : (Kind)random.Next(cluster.MastersRecover ? (int)Kind.PartBelowMaster + 1 : (int)Kind.RestartMaster);

    private void Begin(Kind kind, int tries)
    {
        if (!_isActive)
        {
            return;
        }

        SimulatedNode[] replicas = [.. cluster.Nodes.Where(node => node.Process is { IsFrozen: false } && !node.IsMaster)];
        if (replicas.Length > 0 && TryBegin(kind, random.Pick(replicas), replicas))
        {
            cluster.Situations.Count($"manoeuvre: {kind}");
            tries = 0;
        }

        if (tries > 0)
        {
            cluster.Time.After(random.Between(1, 100_000), () => Begin(kind, tries - 1));
        }
        else
        {
            cluster.Time.After(random.Between(1, _pause * 2), () => Begin(Draw(), Tries));
        }
    }

    private bool TryBegin(Kind kind, SimulatedNode node, SimulatedNode[] replicas)
    {
        SimulatedNode[] masters = [.. cluster.Nodes.Where(candidate => candidate.TakesWrites)];
        SimulatedNode other = random.Pick(replicas);
        switch (kind)
        {
            case Kind.FailOver when node.Process!.Core.IsReady:
                FailOver(node);
                return true;
            case Kind.FailOverTwice when node.Process!.Core.IsReady && other != node:
                node.Promote(force: false);
                Later(random.Scaled(1, 300_000), () => FailOver(other));
                return true;
            case Kind.Circle when node != other:
                node.ReplicateFrom(other.Name);
                Later(random.Chance(50) ? 0 : random.Scaled(1, 500_000), () => other.ReplicateFrom(node.Name));
                return true;
            case Kind.Chain when node != other:
                node.ReplicateFrom(other.Name);
                Later(random.Scaled(1_000, 1_000_000), () => other.Promote(force: false));
                return true;
            case Kind.Demotion when masters.Length > 0 && node.IsStreaming:
                SimulatedNode old = random.Pick(masters);
                node.Promote(force: false);
                Later(random.Chance(40) ? 0 : random.Scaled(1, 1_000_000), () => old.ReplicateFrom(node.Name));
                return true;
            case Kind.OtherLine when masters.Length > 0 && Array.Find(replicas, candidate => candidate.Process!.Watch.SendsSnapshot) is { } head:
                head.ReplicateFrom(random.Pick(masters).Name);
                return true;
            case Kind.PromoteMiddle when Array.Find(replicas, candidate => candidate.Process!.Watch.SendsSnapshot) is { } middle:
                middle.Promote(force: false);
                return true;
            case Kind.Reconfigure when Array.Find(masters, IsRestartable) is { } master && node.IsStreaming && node.Target == master.Name:
                node.Promote(force: false);
                cluster.Set(master, "written on", BitConverter.GetBytes(random.NextUInt64()));
                cluster.Wipes.Decided();
                master.ConfiguredMaster = node.Name;
                Later(random.Between(10_000, 200_000), () => faults.Die(master, isPowerLoss: false, mostDown: 300_000));
                return true;
            case Kind.RestartMaster when Array.Find(masters, IsRestartable) is { } master:
                faults.Die(master, isPowerLoss: false, mostDown: 600_000);
                return true;
            case Kind.PartBelowMaster when Array.Find(masters, IsRestartable) is { } master:
                return TryPartBelow(master, replicas);
            default:
                return false;
        }
    }

    private static bool IsRestartable(SimulatedNode node) => node.ConfiguredMaster is null && node.Process!.Core.Sessions.Any(session => session.IsSynced);

    /// <summary>
    /// Two replicas are promoted and written to for one run only: when both have saved what they have, they and the master go down, and come back as they are configured. What they offer to it
    /// then has parted.
    /// </summary>
    private bool TryPartBelow(SimulatedNode master, SimulatedNode[] replicas)
    {
        SimulatedNode[] heirs = [.. replicas.Where(node => node.IsStreaming && node.Disk is not null && node.ConfiguredMaster == master.Name && node.Target == master.Name).Take(2)];
        if (heirs.Length < 2)
        {
            return false;
        }

        foreach (SimulatedNode heir in heirs)
        {
            heir.Promote(force: false);
            cluster.Set(heir, "parted", BitConverter.GetBytes(random.NextUInt64()));
        }

        RestartWhenSaved(master, heirs, 3 * Tries);
        return true;
    }

    private void RestartWhenSaved(SimulatedNode master, SimulatedNode[] heirs, int tries)
    {
        if (Array.TrueForAll(heirs, heir => heir is { IsMaster: true, Process: { } process } && process.SavedId == process.Core.Data.History.Id))
        {
            foreach (SimulatedNode node in (SimulatedNode[])[master, .. heirs])
            {
                faults.Die(node, isPowerLoss: false, mostDown: 200_000);
            }
        }
        else if (tries > 0)
        {
            Later(50_000, () => RestartWhenSaved(master, heirs, tries - 1));
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
