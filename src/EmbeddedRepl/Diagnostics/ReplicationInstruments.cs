using System.Diagnostics.Metrics;

namespace EmbeddedRepl.Diagnostics;

/// <summary>The instruments that read a node's description.</summary>
/// <param name="meter">What they belong to.</param>
/// <param name="cache">The tag with the cache's name.</param>
/// <param name="describe">The description; null when there is nothing more to say.</param>
internal sealed class ReplicationInstruments(Meter meter, KeyValuePair<string, object?> cache, Func<ReplicationInfo?> describe)
{
    private static readonly (ReplicationLinkState State, string Name)[] LinkStates =
    [
        (ReplicationLinkState.Disconnected, "disconnected"),
        (ReplicationLinkState.Connecting, "connecting"),
        (ReplicationLinkState.Handshaking, "handshaking"),
        (ReplicationLinkState.RequestingSync, "requesting_sync"),
        (ReplicationLinkState.ReceivingSnapshot, "receiving_snapshot"),
        (ReplicationLinkState.Streaming, "streaming"),
        (ReplicationLinkState.Recovering, "recovering"),
    ];

    public void Create()
    {
        CreateData();
        CreateNode();
        CreateLink();
        CreateReplicas();
        CreateSyncs();
    }

    private static bool IsReplica(ReplicationInfo info) => info.Role == ReplicationRole.Replica;

    private void CreateData()
    {
        meter.CreateObservableUpDownCounter("dotnet.cache.entries", () => One(i => i.EntryCount), "{entry}", "Entries in the store, expired ones that are not yet removed included.");
        meter.CreateObservableGauge("dotnet.cache.estimated_size", () => One(i => i.StoreBytes), "By", "Memory that the store uses.");
        meter.CreateObservableUpDownCounter("embeddedrepl.stream.memory", () => One(i => i.StreamBytes), "By", "Memory of the replication stream: the backlog, and what slow replicas hold back.");
    }

    private void CreateNode()
    {
        meter.CreateObservableGauge("embeddedrepl.node.role", Role, "1", "1 for the role that the node has.");
        meter.CreateObservableGauge("embeddedrepl.node.ready", () => One(i => i.IsReady ? 1 : 0), "1", "Whether the node serves complete data.");
        meter.CreateObservableGauge("embeddedrepl.node.accepts_writes", () => One(i => i.AcceptsWrites ? 1 : 0), "1", "Whether the node accepts writes.");
        meter.CreateObservableCounter("embeddedrepl.stream.offset", () => One(i => i.ReplicationOffset), "By", "The replication offset.");
        meter.CreateObservableCounter("embeddedrepl.writes.refused", () => One(i => i.WritesRefused), "{write}", "Writes that were refused here.");
        meter.CreateObservableCounter("embeddedrepl.digest.mismatches", () => One(i => i.DigestMismatches), "{mismatch}", "How often the digest differed from the master's.");
    }

    private void CreateLink()
    {
        meter.CreateObservableGauge("embeddedrepl.link.state", LinkState, "1", "1 for the state that the link to the master is in, 0 for the others.");
        meter.CreateObservableGauge("embeddedrepl.replication.lag", () => One(i => i.LagBytes, IsReplica), "By", "How far this replica is behind what its master last said it had.");
        meter.CreateObservableGauge("embeddedrepl.replication.staleness", Staleness, "s", "How long ago this replica was known to have everything that its master had.");
        meter.CreateObservableCounter("embeddedrepl.link.failures", () => One(i => i.LinkFailures), "{failure}", "Connections to the master that ended or could not be opened.");
        meter.CreateObservableCounter("embeddedrepl.link.reconnects", () => One(i => i.Reconnects), "{reconnect}", "How often the link came up again.");
    }

    private void CreateReplicas()
    {
        meter.CreateObservableUpDownCounter("embeddedrepl.replicas.attached", () => One(i => Attached(i).Count()), "{replica}", "Replicas that follow this node.");
        meter.CreateObservableGauge("embeddedrepl.replicas.max_lag", () => One(i => Attached(i).Select(r => r.LagBytes).DefaultIfEmpty().Max()), "By", "How far the slowest of them is behind.");
        meter.CreateObservableCounter("embeddedrepl.replicas.overruns", () => One(i => i.OutputLimitDisconnects), "{disconnect}", "Replicas dropped because they held back too much.");
    }

    private void CreateSyncs() => meter.CreateObservableCounter("embeddedrepl.syncs", Syncs, "{sync}", "Syncs, by kind, direction and outcome.");

    private static IEnumerable<ReplicaInfo> Attached(ReplicationInfo info) => info.Replicas.Where(r => r.State == ReplicaSessionState.Streaming);

    private IEnumerable<Measurement<long>> Role() => describe() is { } info
        ? [new(IsReplica(info) ? 0 : 1, cache, new("embeddedrepl.role", "master")), new(IsReplica(info) ? 1 : 0, cache, new("embeddedrepl.role", "replica"))]
        : [];

    private IEnumerable<Measurement<long>> LinkState() => describe() is { Role: ReplicationRole.Replica } info
        ? [.. LinkStates.Select(each => new Measurement<long>(each.State == info.LinkState ? 1 : 0, cache, new("embeddedrepl.link.state", each.Name)))]
        : [];

    private IEnumerable<Measurement<double>> Staleness() => describe() is { Staleness: { } staleness } ? [new(staleness.TotalSeconds, cache)] : [];

    private IEnumerable<Measurement<long>> Syncs() => describe() is { } info
        ?
        [
            Sync(info.SyncFull, "full", "sent", "started"),
            Sync(info.FullSyncsRefusedByReplica, "full", "sent", "refused"),
            Sync(info.SyncPartialOk, "partial", "sent", "started"),
            Sync(info.SyncPartialErr, "partial", "sent", "refused"),
            Sync(info.NotNowAnswers, "any", "sent", "put_off"),
            Sync(info.FullSyncsCompleted, "full", "received", "completed"),
            Sync(info.FullSyncsFailed, "full", "received", "failed"),
            Sync(info.FullSyncsRefused, "full", "received", "refused"),
            Sync(info.PartialResyncsCompleted, "partial", "received", "completed"),
        ]
        : [];

    private Measurement<long> Sync(long value, string kind, string direction, string outcome) =>
        new(value, cache, new(SyncTags.Kind, kind), new(SyncTags.Direction, direction), new(SyncTags.Outcome, outcome));

    private IEnumerable<Measurement<long>> One(Func<ReplicationInfo, long> figure, Func<ReplicationInfo, bool>? applies = null) =>
        describe() is { } info && (applies is null || applies(info)) ? [new(figure(info), cache)] : [];
}
