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

    /// <summary>What is known of each of its processes, the present one being the last.</summary>
    public List<NodeChecker> Served { get; } = [];

    /// <summary>Whom the configuration says to follow; null for a master.</summary>
    public string? ConfiguredMaster { get; set; }

    public bool IsMaster => Process is { } process && process.Core.Role == ReplicationRole.Master;

    /// <summary>Whether it is a master that is ready for writes.</summary>
    public bool TakesWrites => Process is { Core.IsSettledMaster: true };

    public string? Target => IsMaster ? null : Process?.Core.Upstream?.Target;

    public bool IsStreaming => Process?.Core.IsLinkUp == true;

    /// <summary>Whether its processes send what a newer minor version would send.</summary>
    public bool IsNewer { get; init; }

    /// <summary>Its clocks, which outlive its processes.</summary>
    public NodeClock Clock => clock;

    /// <summary>Bytes that it may use for its data set while it is a master.</summary>
    public long MasterMemory { get; set; } = settings.Store.MaxBytes;

    /// <summary>The same while it is a replica, which cannot evict.</summary>
    public long ReplicaMemory { get; set; } = settings.Store.MaxBytes;

    /// <summary>Where its snapshot file is; null for a node that keeps everything in memory.</summary>
    public SimulatedDisk? Disk { get; set; }

    /// <summary>Starts a process in the configured role, with the data of its snapshot file if there is one.</summary>
    public SimulatedNode Start()
    {
        var process = new SimulatedProcess(
            Name, _lives++, Settings, cluster.Time, clock, cluster.Network, cluster.Random.Fork(), cluster.Trace, cluster.Situations, cluster.Memory, AfterStep)
        {
            Change = cluster.Model.Follow,
            IsNewer = IsNewer,
        };
        Process = process;
        Checker = new NodeChecker(cluster.Model, cluster.Syncs, process)
        {
            IsOverridden = () => cluster.WasOverridden,
            Origins = cluster.Origins,
            Wipes = cluster.Wipes,
        };
        Served.Add(Checker);
        cluster.Started(process);
        process.Events.Recovery = new RecoveryModel(cluster.Model, process, cluster.FindChecker);
        process.Events.WhenRecovered = () => cluster.Model.Began(process, AncestorEnd.Restart);
        if (Disk is { } disk)
        {
            disk.Mend();
            _snapshots = new SnapshotDriver(process, disk.Disk, disk.Random.Fork(), disk.Pause, disk.Slowness);
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
        if (isPowerLoss && Disk is { } disk)
        {
            Count(SituationCatalogue.PowerLostInSave, Process?.Core.Recording is not null);
            disk.Crash();
            Count(SituationCatalogue.TornFileLeft, disk.HasLeftover);
        }

        if (Process is not { } process)
        {
            return;
        }

        cluster.Trace.Add($"{Name} dies");
        CountDeath(process);
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

        cluster.Situations.Count("promotion");
        CountPromotion(core, process);
        if (force)
        {
            cluster.Wipes.Decided();
        }

        process.Promote(force);
        cluster.Model.Began(process, AncestorEnd.Promotion);
    });

    public void ReplicateFrom(string target) => Process?.Run(() =>
    {
        cluster.Trace.Add($"{Name} is ordered to follow {target}");
        cluster.Situations.Count(IsMaster ? "master ordered to follow another node" : "replica ordered to follow another node");
        NodeCore core = Process!.Core;
        Count(SituationCatalogue.DemotedWithSubReplicas, IsMaster && core.Sessions.Any(session => session.IsAttached));
        Count(SituationCatalogue.DemotedWithAckWaits, IsMaster && core.AckWaits.Count > 0);
        Count(SituationCatalogue.OrderToRestartedNode, core.IsLoading);
        cluster.Wipes.Decided();
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
            cluster.Wipes.Decided();
            Process!.Events.Recovery!.IsOverridden = true;
            Process.Core.OverrideRefusals();
        }
    });

    private void CountDeath(SimulatedProcess process)
    {
        NodeCore core = process.Core;
        Count(SituationCatalogue.MasterDiesInRecovery, core.Recovery is not null);
        Count(SituationCatalogue.SourceDiesInRecovery, process.Watch.IsGiving && core.Upstream?.State == ReplicationLinkState.Recovering);
        Count(SituationCatalogue.MasterDiesInSnapshot, process.Watch.SendsSnapshot);
        Count(SituationCatalogue.ReplicaDiesInSnapshot, core.Upstream?.State == ReplicationLinkState.ReceivingSnapshot);
        Count(SituationCatalogue.DiesWhileLoading, core.IsLoading);
    }

    private void CountPromotion(NodeCore core, SimulatedProcess process)
    {
        Count(SituationCatalogue.PromotionInFullSync, core.Upstream?.State == ReplicationLinkState.ReceivingSnapshot);
        Count(SituationCatalogue.PromotionWithSubReplicas, core.Sessions.Any(session => session.IsAttached));
        Count(SituationCatalogue.PromotionWhileSubLoads, process.Watch.SendsSnapshot);
        Count(SituationCatalogue.PromotionWhileDown, core.Data.HasHistory && !core.IsLinkUp);
        Count(SituationCatalogue.PromotionWithUnanswered, core.Forwarder.Unanswered > 0);
        Count(
            SituationCatalogue.SecondFailoverEarly,
            core.Data.HasHistory && cluster.Model.Histories.Any(history => history.BeganBy == AncestorEnd.Promotion && history.Parent?.Id == core.Data.History.Id));
    }

    private void Count(Situation situation, bool isSo)
    {
        if (isSo)
        {
            cluster.Situations.Count(situation);
        }
    }

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
        process.HasLoaded = loaded is not null;
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

    // An operator who limits masters gives replicas room, since they cannot evict.
    private void AdaptMemory(SimulatedProcess process)
    {
        NodeCore core = process.Core;
        long limit = core.Role == ReplicationRole.Master ? MasterMemory : ReplicaMemory;
        if (core.Data.Store.MaxBytes != limit && !core.IsLoading)
        {
            process.WasLimited |= limit != long.MaxValue;
            lock (core.Gate)
            {
                core.ChangeSettings(core.Settings with { Store = core.Settings.Store with { MaxBytes = limit } }, process.Now());
            }
        }
    }

    private void AfterStep(SimulatedProcess process)
    {
        if (process == Process)
        {
            AdaptMemory(process);
            Checker!.Observe();
            process.Watch.Observe();
            cluster.Ledger.CheckDone(process, Checker);
            cluster.Tokens.CheckTokens(process);
        }
    }
}
