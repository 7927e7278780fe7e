using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>A place in the cluster: an address and a configuration, and at most one process at a time that lives there.</summary>
internal sealed class SimulatedNode(Cluster cluster, string name, NodeSettings settings, NodeClock clock)
{
    private int _lives;

    public string Name { get; } = name;

    public NodeSettings Settings { get; } = settings;

    /// <summary>The running process; null while the node is down.</summary>
    public SimulatedProcess? Process { get; private set; }

    public NodeChecker? Checker { get; private set; }

    /// <summary>Whom the configuration says to follow; null for a master.</summary>
    public string? ConfiguredMaster { get; set; }

    public bool IsMaster => Process is { } process && process.Core.Role == ReplicationRole.Master;

    public string? Target => IsMaster ? null : Process?.Core.Upstream?.Target;

    public bool IsStreaming => Process?.Core.IsLinkUp == true;

    /// <summary>Starts a process without data in the configured role.</summary>
    public SimulatedNode Start()
    {
        Process = new SimulatedProcess(
            Name, _lives++, Settings, cluster.Time, clock, cluster.Network, cluster.Random.Fork(), cluster.Trace, cluster.Situations, AfterStep)
        {
            Change = cluster.Model.Follow,
        };
        Checker = new NodeChecker(cluster.Model, Process) { IsOverridden = () => cluster.WasOverridden };
        if (ConfiguredMaster is null && cluster.MastersRecover)
        {
            SimulatedProcess process = Process;
            process.Events.WhenRecovered = () => cluster.Model.Began(process);
            process.StartAsRecoveringMaster();
        }
        else if (ConfiguredMaster is null)
        {
            Process.StartAsMaster();
            cluster.Model.Began(Process);
        }
        else
        {
            Process.StartAsReplica(ConfiguredMaster);
        }

        return this;
    }

    public void Kill(bool isHeard)
    {
        if (Process is not { } process)
        {
            return;
        }

        cluster.Trace.Add($"{Name} dies");
        cluster.Situations.Count(DescribeDeath(process));
        process.Events.Tally.CheckAgainst(process);
        process.Kill(isHeard);
        cluster.Buried.Add(process.Events.Tally);
        Process = null;
    }

    public void Promote(bool force) => Process?.Run(() =>
    {
        SimulatedProcess process = Process!;
        NodeCore core = process.Core;
        if (core.Role == ReplicationRole.Master || (!core.Data.HasHistory && !force))
        {
            return;
        }

        cluster.Situations.Count(core.Upstream?.State == ReplicationLinkState.ReceivingSnapshot
            ? "promotion during a full sync"
            : core.Sessions.Any(session => session.IsAttached) ? "promotion of a node with sub-replicas" : "promotion");
        process.Promote(force);
        cluster.Model.Began(process);
    });

    public void ReplicateFrom(string target) => Process?.Run(() =>
    {
        cluster.Trace.Add($"{Name} is ordered to follow {target}");
        cluster.Situations.Count(IsMaster ? "master ordered to follow another node" : "replica ordered to follow another node");
        Checker!.IsOrdered = true;
        Process!.Follow(target, isOrdered: true);
    });

    public void Override() => Process?.Run(() =>
    {
        if (IsMaster)
        {
            cluster.Trace.Add($"{Name} overrides refusals");
            cluster.Situations.Count("operator overrides refusals");
            cluster.WasOverridden = true;
            Process!.Core.OverrideRefusals();
        }
    });

    private static string DescribeDeath(SimulatedProcess process) => process.Core.Role == ReplicationRole.Master
        ? "master dies"
        : $"replica dies while its link is {process.Core.Upstream!.State}";

    private void AfterStep(SimulatedProcess process)
    {
        if (process == Process)
        {
            Checker!.Observe();
        }
    }
}
