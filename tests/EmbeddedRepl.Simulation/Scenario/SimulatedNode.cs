using System.Diagnostics.CodeAnalysis;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>A place in the cluster: an address and a configuration, and at most one process at a time that lives there.</summary>
[SuppressMessage("Design", "CA1001", Justification = "What it owns ends with each process; a run has no end that anybody would wait for.")]
internal sealed class SimulatedNode(Cluster cluster, string name, NodeSettings settings, NodeClock clock)
{
    private int _lives;
    private SnapshotDriver? _snapshots;

    public string Name { get; } = name;

    public NodeSettings Settings { get; } = settings;

    /// <summary>The running process; null while the node is down.</summary>
    public SimulatedProcess? Process { get; private set; }

    public NodeChecker? Checker { get; private set; }

    /// <summary>Whom the configuration says to follow; null for a master.</summary>
    public string? ConfiguredMaster { get; set; }

    public bool IsMaster => Process is { } process && process.Core.Role == ReplicationRole.Master;

    /// <summary>Whether it is a master that is ready for writes.</summary>
    public bool TakesWrites => Process is { Core.IsSettledMaster: true };

    public string? Target => IsMaster ? null : Process?.Core.Upstream?.Target;

    public bool IsStreaming => Process?.Core.IsLinkUp == true;

    /// <summary>Where its snapshot file is; null for a node that keeps everything in memory.</summary>
    public SimulatedDisk? Disk { get; set; }

    /// <summary>Starts a process in the configured role, with the data of its snapshot file if there is one.</summary>
    public SimulatedNode Start()
    {
        var process = new SimulatedProcess(
            Name, _lives++, Settings, cluster.Time, clock, cluster.Network, cluster.Random.Fork(), cluster.Trace, cluster.Situations, AfterStep)
        {
            Change = cluster.Model.Follow,
        };
        Process = process;
        Checker = new NodeChecker(cluster.Model, cluster.Syncs, process) { IsOverridden = () => cluster.WasOverridden };
        process.Events.WhenRecovered = () => cluster.Model.Began(process, AncestorEnd.Restart);
        if (Disk is { } disk)
        {
            disk.Mend();
            _snapshots = new SnapshotDriver(process, disk.Disk, disk.Random.Fork(), disk.Pause);
            _snapshots.Open();
            process.BeginLoading(ConfiguredMaster is null ? ReplicationRole.Master : ReplicationRole.Replica);
        }

        if (ConfiguredMaster is not null)
        {
            process.StartAsReplica(ConfiguredMaster);
        }
        else if (Disk is null)
        {
            BeginAsMaster(process);
        }

        process.Start();
        _snapshots?.Load(loaded => Loaded(process, loaded));
        return this;
    }

    /// <summary>Ends the process.</summary>
    /// <param name="isHeard">Whether its peers are told.</param>
    /// <param name="isPowerLoss">Whether what was not flushed to its disk is lost.</param>
    public void Kill(bool isHeard, bool isPowerLoss = false)
    {
        if (isPowerLoss)
        {
            Disk?.Crash();
        }

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
        _snapshots?.Dispose();
        _snapshots = null;
    }

    public void Promote(bool force) => Process?.Run(() =>
    {
        SimulatedProcess process = Process!;
        NodeCore core = process.Core;
        if (core.IsLoading || core.Role == ReplicationRole.Master || (!core.Data.HasHistory && !force))
        {
            return;
        }

        cluster.Situations.Count(core.Upstream?.State == ReplicationLinkState.ReceivingSnapshot
            ? "promotion during a full sync"
            : core.Sessions.Any(session => session.IsAttached) ? "promotion of a node with sub-replicas" : "promotion");
        process.Promote(force);
        cluster.Model.Began(process, AncestorEnd.Promotion);
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

    private void Loaded(SimulatedProcess process, LoadedSnapshot? loaded)
    {
        lock (process.Core.Gate)
        {
            process.Core.FinishLoading(loaded, process.Now());
        }

        Checker!.Loaded();
        if (process.Core.Role == ReplicationRole.Master)
        {
            BeginAsMaster(process);
        }
        else if (loaded is not null && loaded.LastMaster != process.Core.Upstream!.Target)
        {
            Checker.IsOrdered = true;
        }
    }

    private void BeginAsMaster(SimulatedProcess process)
    {
        if (cluster.MastersRecover)
        {
            process.BeginAsRecoveringMaster();
            if (process.Core.Recovery is null)
            {
                // Somebody overrode refusals while the file was loading, so it has begun at once.
                cluster.Model.Began(process, AncestorEnd.Restart);
            }
        }
        else
        {
            process.BeginAsMaster();
            cluster.Model.Began(process, AncestorEnd.Restart);
        }
    }

    private void AfterStep(SimulatedProcess process)
    {
        if (process == Process)
        {
            Checker!.Observe();
            cluster.Ledger.CheckDone(process, Checker);
            cluster.Tokens.CheckTokens(process);
        }
    }
}
