using EmbeddedRepl.FaultRun.Cluster;

namespace EmbeddedRepl.FaultRun.Faults;

/// <summary>What happens to processes and their files.</summary>
internal sealed class ProcessFaults(FaultCluster cluster, Random random)
{
    private const double LongestFreeze = 20;

    public Fault? KillReplica() => Draw(node => node.Number != cluster.Master) is { } node ? Kill("kill -9 of a replica, restart", node, static _ => { }) : null;

    public Fault? KillMaster() => Draw(node => node.Number == cluster.Master) is { } node ? Kill("kill -9 of the master, restart and recovery", node, static _ => { }) : null;

    public Fault? KillAndDeleteFile() => DrawIfAllAreThere() is { } node ? Kill("kill -9, restart without the file", node, Delete) : null;

    public Fault? KillAndDamageFile() => DrawIfAllAreThere() is { } node ? Kill("kill -9, restart with a truncated file", node, Truncate) : null;

    /// <summary>As when the power fails: what is left is the files, each as old as it is.</summary>
    public Fault? KillAll() => KillTogether("kill -9 of all nodes at once, restart", cluster.Nodes);

    public Fault? KillMasterAndReplica() => Draw(node => node.Number != cluster.Master) is { } node
        ? KillTogether("kill -9 of the master and a replica at once, restart", [cluster.Nodes[cluster.Master], node])
        : null;

    public Fault? StopInOrder() => Draw(_ => true) is not { } node ? null : new Fault(
        "stop in order, restart",
        [node.Number],
        Short(),
        () =>
        {
            cluster.Log.Ends(node.Number);
            node.Stop();
            node.IsCutOff = true;
        },
        () => Restart(node));

    public Fault? Freeze()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return null;
        }

        // Squared, so that most are short and some are as long as any.
        return Draw(_ => true) is not { } node ? null : new Fault(
            "freeze (SIGSTOP)",
            [node.Number],
            TimeSpan.FromSeconds(Math.Pow(random.NextDouble(), 2) * LongestFreeze),
            () =>
            {
                node.IsCutOff = true;
                node.Freeze();
            },
            () =>
            {
                node.Thaw();
                node.IsCutOff = false;
            });
    }

    public Fault? FillDisk() => Draw(node => node.Disk is not null) is not { } node ? null : new Fault(
        "disk full", [node.Number], TimeSpan.FromSeconds(2 + (random.NextDouble() * 6)), node.Disk!.Fill, node.Disk!.MakeRoom);

    private static void Delete(ClusterNode node)
    {
        foreach (string file in Directory.GetFiles(node.Folder))
        {
            File.Delete(file);
        }
    }

    private void Truncate(ClusterNode node)
    {
        // A node keeps nine and then does not start, which runs of hours would come to.
        foreach (string file in Directory.GetFiles(node.Folder, "*.damaged-*"))
        {
            File.Delete(file);
        }

        foreach (string file in Directory.GetFiles(node.Folder, "*.snapshot"))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Write);
            stream.SetLength(random.NextInt64(stream.Length + 1));
        }
    }

    private Fault Kill(string kind, ClusterNode node, Action<ClusterNode> between) => new(
        kind,
        [node.Number],
        Short(),
        () =>
        {
            cluster.Log.Ends(node.Number);
            node.IsCutOff = true;
            node.Kill();
            between(node);
        },
        () => Restart(node));

    private Fault? KillTogether(string kind, ClusterNode[] nodes) => !Array.TrueForAll(nodes, node => node is { IsRunning: true, IsCutOff: false }) ? null : new Fault(
        kind,
        [.. nodes.Select(node => node.Number)],
        Short(),
        () =>
        {
            foreach (ClusterNode node in nodes)
            {
                cluster.Log.Ends(node.Number);
                node.IsCutOff = true;
                node.Kill();
            }
        },
        () =>
        {
            cluster.Start([.. nodes.Select(node => node.Number)]);
            foreach (ClusterNode node in nodes)
            {
                node.IsCutOff = false;
            }
        });

    private void Restart(ClusterNode node)
    {
        cluster.Start(node.Number);
        node.IsCutOff = false;
    }

    private TimeSpan Short() => TimeSpan.FromSeconds(random.NextDouble() * 3);

    /// <summary>Whose file goes is the only one struck at that moment: with all copies gone together there would be nothing left to check.</summary>
    private ClusterNode? DrawIfAllAreThere() => Array.TrueForAll(cluster.Nodes, node => node is { IsRunning: true, IsCutOff: false }) ? Draw(_ => true) : null;

    private ClusterNode? Draw(Predicate<ClusterNode> isFit)
    {
        ClusterNode[] fit = [.. cluster.Nodes.Where(node => node.IsRunning && !node.IsCutOff && isFit(node))];
        return fit.Length == 0 ? null : fit[random.Next(fit.Length)];
    }
}
