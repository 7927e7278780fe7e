using EmbeddedRepl.FaultRun.Cluster;

namespace EmbeddedRepl.FaultRun.Faults;

/// <summary>What people do about masters that are gone, or for reasons of their own.</summary>
internal sealed class RoleFaults(FaultCluster cluster, Operator people, Random random)
{
    private ClusterNode Master => cluster.Nodes[cluster.Master];

    private bool IsMasterFit => Master is { IsRunning: true, IsCutOff: false };

    /// <summary>The master is killed and another node is promoted; what was the master comes back as a replica.</summary>
    public Fault? FailOverFromTheDead()
    {
        ClusterNode old = Master;
        return !IsMasterFit ? null : new Fault(
            "kill -9 of the master, failover",
            [old.Number],
            TimeSpan.FromSeconds(1 + (random.NextDouble() * 3)),
            () =>
            {
                cluster.Log.Ends(old.Number);
                old.IsCutOff = true;
                old.Kill();
                Thread.Sleep(random.Next(1_500));
                people.FailOver();
            },
            () =>
            {
                cluster.Start(old.Number);
                old.IsCutOff = false;
            });
    }

    /// <summary>The master cannot be reached and another node is promoted; the old master does not hear of that, and goes on writing.</summary>
    public Fault? FailOverFromTheSilent()
    {
        ClusterNode old = Master;
        return !IsMasterFit || !cluster.Network.CanSilence ? null : new Fault(
            "silent master, failover",
            [old.Number],
            TimeSpan.FromSeconds(1 + (random.NextDouble() * 4)),
            () =>
            {
                old.IsCutOff = true;
                cluster.Network.Silence(old.Number, bothWays: random.Next(2) == 0);
                Thread.Sleep(random.Next(1_500));
                people.FailOver();
            },
            () =>
            {
                cluster.Network.EndSilence(old.Number);
                old.IsCutOff = false;
            });
    }

    /// <summary>Another node is promoted while the master works.</summary>
    public Fault? SwitchOver() => !IsMasterFit ? null : new Fault("switch-over under writes", [], () => people.FailOver());

    /// <summary>A replica is to follow another replica, or its master again.</summary>
    public Fault? MoveBelow()
    {
        int[] replicas = [.. cluster.Nodes.Select(node => node.Number).Where(node => node != cluster.Master)];
        int moved = replicas[random.Next(replicas.Length)];
        int[] targets = [.. cluster.Nodes.Select(node => node.Number).Where(
            node => node != moved && node != cluster.UpstreamOf(moved) && !cluster.IsBelow(node, moved) && people.AreOnOneLine(moved, node))];
        return targets.Length == 0 ? null : new Fault("chain: follows another node", [moved], () =>
        {
            cluster.Upstream(moved, targets[random.Next(targets.Length)]);
            people.Reconcile();
        });
    }
}
