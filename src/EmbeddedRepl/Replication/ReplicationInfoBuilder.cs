using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Describes a node. What it knows is copied under the gate, in time that grows with the number of its replicas and with nothing else;
/// texts are made of it afterwards.
/// </summary>
internal sealed class ReplicationInfoBuilder
{
    private readonly Moment _now;
    private readonly ReplicationInfo _numbers;
    private readonly RunId _runId;
    private readonly StoreDigest _digest;
    private readonly List<ReplicaNumbers> _replicas;

    /// <summary>Copies; under the gate.</summary>
    public ReplicationInfoBuilder(NodeCore node, Moment now)
    {
        _now = now;
        _runId = node.RunId;
        _digest = node.Data.Store.Digest;
        _replicas = new List<ReplicaNumbers>(node.Sessions.Count);
        foreach (MasterSession session in node.Sessions)
        {
            if (session.IsAttached)
            {
                _replicas.Add(new ReplicaNumbers(
                    session.Peer, session.RunId, session.State, session.AckedOffset, session.LastReceivedAt, session.PendingBytes, session.ClockSkew));
            }
        }

        _numbers = Numbers(node, now);
    }

    /// <summary>Makes the description; outside of the gate.</summary>
    public ReplicationInfo Build(IReadOnlyList<string> listenEndPoints) => _numbers with
    {
        TakenAt = DateTimeOffset.FromUnixTimeMilliseconds(_now.UtcMilliseconds),
        RunId = _runId.ToString(),
        Digest = _digest.ToString(),
        Replicas = [.. _replicas.Select(Describe)],
        ListenEndPoints = listenEndPoints,
    };

    private static ReplicationInfo Numbers(NodeCore node, Moment now)
    {
        DataSet data = node.Data;
        NodeCounters counters = node.Counters;
        ReplicationHistory history = data.History;
        ReplicaLinkKeeper? upstream = node.Upstream;
        ReplicaLink? link = upstream?.Link;
        FullSyncLoad? load = link?.Load;
        long first = data.Log.FirstOffset;
        return new ReplicationInfo
        {
            TakenAt = default,
            RunId = "",
            Digest = "",
            Role = node.Role,
            ReplicationId = history.Id,
            PreviousReplicationId = history.Ancestors.Length > 0 ? history.Ancestors[0].Id : ReplicationId.None,
            PreviousReplicationIdEnd = history.Ancestors.Length > 0 ? history.Ancestors[0].EndOffset : -1,
            ReplicationOffset = data.Offset,
            EntryCount = data.Store.Count,
            StoreBytes = data.Store.UsedBytes,
            IsReady = node.IsReady,
            RecoveryState = node.Recovery?.State ?? RecoveryState.None,
            RecoveryMessage = node.Recovery?.Message,
            RecoveriesTaken = node.Counters.RecoveriesTaken,
            Master = upstream?.Target,
            LinkState = upstream?.State ?? ReplicationLinkState.Disconnected,
            LinkDownSince = upstream is { DownSinceUtc: >= 0 } ? DateTimeOffset.FromUnixTimeMilliseconds(upstream.DownSinceUtc) : null,
            LinkDownReason = upstream?.DownReason,
            MemoryShortage = upstream?.MemoryShortage,
            LastMasterIoAge = LastIoAge(upstream, now),
            LagBytes = link is { State: ReplicationLinkState.Streaming } ? Math.Max(0, link.MasterEndOffset - data.Offset) : 0,
            Staleness = node.Staleness.At(now.Milliseconds),
            ReceivedOffset = link?.ReceivedOffset ?? data.Offset,
            MasterClockSkew = link is { KnowsClockSkew: true } ? TimeSpan.FromMilliseconds(link.ClockSkew) : null,
            SyncReceivedBytes = load?.SnapshotBytes ?? 0,
            SyncPercent = load is { EntryEstimate: > 0 } ? Math.Min(100, 100.0 * load.Entries / load.EntryEstimate) : 0,
            SyncWaitingPosition = upstream?.WaitingPosition ?? 0,
            BacklogActive = node.Settings.KeepsStream,
            BacklogSize = node.Settings.BacklogSize,
            BacklogFirstOffset = first,
            BacklogLength = data.Offset - first,
            StreamBytes = data.Log.RetainedBytes,
            StreamPinnedBytes = data.Log.PinnedBytes,
            MinReplicasToWrite = node.Settings.MinReplicasToWrite,
            GoodReplicas = node.MinReplicas.Good,
            AcceptsWrites = node.AcceptsWrites,
            WaitingCallers = node.AckWaits.Count,
            SyncFull = counters.SyncFull,
            SyncPartialOk = counters.SyncPartialOk,
            SyncPartialErr = counters.SyncPartialErr,
            FullSyncsCompleted = counters.FullSyncsCompleted,
            PartialResyncsCompleted = counters.PartialResyncsCompleted,
            OutputLimitDisconnects = counters.OutputLimitDisconnects,
            DigestMismatches = counters.DigestMismatches,
            NotNowAnswers = counters.NotNowAnswers,
            FullSyncsRefusedByReplica = counters.FullSyncsRefusedByReplica,
            HandshakesRefused = counters.HandshakesRefused,
            LastHandshakeRefusal = node.LastHandshakeRefusal,
            FullSyncsFailed = counters.FullSyncsFailed,
            FullSyncsRefused = counters.FullSyncsRefused,
            LinkFailures = counters.LinkFailures,
            Reconnects = Math.Max(0, counters.LinkUps - 1),
            WritesRefused = counters.WritesRefused,
            TouchesSent = counters.TouchesSent,
            TouchesDropped = counters.TouchesDropped + node.Data.Store.TouchesDropped,
            LastFullSyncSentDuration = Duration(counters.LastFullSyncSent),
            LastFullSyncReceivedDuration = Duration(counters.LastFullSyncReceived),
            DiscardedBytes = counters.DiscardedBytes,
            IsOrderPending = upstream?.IsOrdered ?? false,
        };
    }

    private static TimeSpan? Duration(long milliseconds) => milliseconds < 0 ? null : TimeSpan.FromMilliseconds(milliseconds);

    private static TimeSpan? LastIoAge(ReplicaLinkKeeper? upstream, Moment now)
    {
        long lastIo = upstream?.Link?.LastReceivedAt ?? upstream?.LastIoAt ?? -1;
        return lastIo < 0 ? null : TimeSpan.FromMilliseconds(Math.Max(0, now.Milliseconds - lastIo));
    }

    private ReplicaInfo Describe(ReplicaNumbers replica) => new(
        replica.Peer,
        replica.State,
        replica.AckedOffset,
        Math.Max(0, _numbers.ReplicationOffset - replica.AckedOffset),
        TimeSpan.FromMilliseconds(Math.Max(0, _now.Milliseconds - replica.LastReceivedAt)),
        replica.RunId?.ToString() ?? "")
    {
        PendingBytes = replica.PendingBytes,
        ClockSkew = replica.ClockSkew is { } skew ? TimeSpan.FromMilliseconds(skew) : null,
    };

    private readonly record struct ReplicaNumbers(
        string Peer, RunId? RunId, ReplicaSessionState State, long AckedOffset, long LastReceivedAt, long PendingBytes, long? ClockSkew);
}
