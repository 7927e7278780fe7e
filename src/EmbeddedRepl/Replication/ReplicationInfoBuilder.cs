using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Replication;

/// <summary>Copies what a node knows into an immutable description. Called under the gate; takes microseconds.</summary>
internal static class ReplicationInfoBuilder
{
    public static ReplicationInfo Build(NodeCore node, IReadOnlyList<string> listenEndPoints, Moment now)
    {
        DataSet data = node.Data;
        ReplicationHistory history = data.History;
        ReplicaLinkKeeper? upstream = node.Upstream;
        FullSyncLoad? load = upstream?.Link?.Load;
        long first = data.Log.FirstOffset;
        return new ReplicationInfo
        {
            TakenAt = DateTimeOffset.FromUnixTimeMilliseconds(now.UtcMilliseconds),
            Role = node.Role,
            ReplicationId = history.Id,
            PreviousReplicationId = history.Ancestors.Length > 0 ? history.Ancestors[0].Id : ReplicationId.None,
            PreviousReplicationIdEnd = history.Ancestors.Length > 0 ? history.Ancestors[0].EndOffset : -1,
            ReplicationOffset = data.Offset,
            RunId = node.RunId.ToString(),
            EntryCount = data.Store.Count,
            StoreBytes = data.Store.UsedBytes,
            Digest = data.Store.Digest.ToString(),
            IsReady = node.IsReady,
            Master = upstream?.Target,
            LinkState = upstream?.State ?? ReplicationLinkState.Disconnected,
            LinkDownSince = upstream is { DownSinceUtc: >= 0 } ? DateTimeOffset.FromUnixTimeMilliseconds(upstream.DownSinceUtc) : null,
            LinkDownReason = upstream?.DownReason,
            LastMasterIoAge = LastIoAge(upstream, now),
            LagBytes = upstream?.Link is { State: ReplicationLinkState.Streaming } link ? Math.Max(0, link.MasterEndOffset - data.Offset) : 0,
            SyncReceivedBytes = load?.SnapshotBytes ?? 0,
            SyncPercent = load is { EntryEstimate: > 0 } ? Math.Min(100, 100.0 * load.Entries / load.EntryEstimate) : 0,
            SyncWaitingPosition = upstream?.WaitingPosition ?? 0,
            Replicas = [.. node.Sessions.Where(session => session.IsAttached).Select(session => Describe(session, data, now))],
            ListenEndPoints = listenEndPoints,
            BacklogActive = node.Settings.KeepsStream,
            BacklogSize = node.Settings.BacklogSize,
            BacklogFirstOffset = first,
            BacklogLength = data.Offset - first,
            SyncFull = node.Counters.SyncFull,
            SyncPartialOk = node.Counters.SyncPartialOk,
            SyncPartialErr = node.Counters.SyncPartialErr,
            FullSyncsCompleted = node.Counters.FullSyncsCompleted,
            PartialResyncsCompleted = node.Counters.PartialResyncsCompleted,
            OutputLimitDisconnects = node.Counters.OutputLimitDisconnects,
            DigestMismatches = node.Counters.DigestMismatches,
        };
    }

    private static TimeSpan? LastIoAge(ReplicaLinkKeeper? upstream, Moment now)
    {
        long lastIo = upstream?.Link?.LastReceivedAt ?? upstream?.LastIoAt ?? -1;
        return lastIo < 0 ? null : TimeSpan.FromMilliseconds(Math.Max(0, now.Ticks - lastIo));
    }

    private static ReplicaInfo Describe(MasterSession session, DataSet data, Moment now) => new(
        session.Peer,
        session.State,
        session.AckedOffset,
        Math.Max(0, data.Offset - session.AckedOffset),
        TimeSpan.FromMilliseconds(Math.Max(0, now.Ticks - session.LastReceivedAt)),
        session.RunId);
}
