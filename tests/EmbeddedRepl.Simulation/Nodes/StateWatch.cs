using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using static EmbeddedRepl.Simulation.Engine.SituationCatalogue;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>Looks after each step of a process at the states of its link and its sessions: what has changed is a situation, and a moment at which something may be made to go wrong.</summary>
internal sealed class StateWatch(SimulatedProcess process)
{
    private readonly HashSet<string> _removedInSnapshot = new(StringComparer.Ordinal);
    private ReplicaLink? _link;
    private ReplicationLinkState _state;
    private bool _isInsideRecord;
    private bool _hasWaited;
    private DataSet? _data;
    private ReplicationId _id;
    private bool _sendsSnapshot;
    private long _evictions;

    /// <summary>Called when the link is in another state than before.</summary>
    public Action<LinkDriver, ReplicationLinkState> WhenLinkEntered { get; set; } = (_, _) => { };

    /// <summary>Called when a session is in another state than before.</summary>
    public Action<SessionDriver, ReplicaSessionState> WhenSessionEntered { get; set; } = (_, _) => { };

    /// <summary>Called when the link begins to hand data to a recovering master.</summary>
    public Action<LinkDriver> WhenGiving { get; set; } = _ => { };

    /// <summary>Called when a snapshot file begins to be written.</summary>
    public Action WhenSaving { get; set; } = () => { };

    /// <summary>Whether the link hands data to a recovering master.</summary>
    public bool IsGiving { get; private set; }

    /// <summary>Offset at which the link's full sync was swapped in; -1 if it had none.</summary>
    public long SwappedAt { get; set; } = -1;

    /// <summary>Whether a session is being sent a snapshot.</summary>
    public bool SendsSnapshot => process.Sessions.Any(session => session.Session.State == ReplicaSessionState.SendingSnapshot);

    public void Observe()
    {
        ObserveLink();
        foreach (SessionDriver session in process.Sessions)
        {
            if (session.Session.State != session.SeenState)
            {
                ObserveSession(session);
            }
        }

        if (process.Core.Counters.Evictions != _evictions)
        {
            _evictions = process.Core.Counters.Evictions;
            process.Situations.Count(Evicted);
        }

        if (_data == process.Core.Data && _id != process.Core.Data.History.Id && !_id.IsNone && _sendsSnapshot)
        {
            process.Situations.Count(IdChangesInSnapshot);
        }

        _data = process.Core.Data;
        _id = _data.History.Id;
    }

    /// <summary>A session has perhaps reached another state, and will not be seen again.</summary>
    public void ObserveSession(SessionDriver session)
    {
        ReplicaSessionState before = session.SeenState;
        ReplicaSessionState state = session.SeenState = session.Session.State;
        if (state == before)
        {
            return;
        }

        if (state == ReplicaSessionState.SendingSnapshot)
        {
            Count(TurnInLine, before == ReplicaSessionState.WaitingForSnapshot);
            Count(TwoSnapshots, process.Sessions.Count(other => other.Session.State == ReplicaSessionState.SendingSnapshot) > 1);
            Count(MiddleSendsSnapshot, process.Core.Role == ReplicationRole.Replica);
        }

        CloseReason reason = session.Session.ClosedFor;
        Count(SwapClosesSnapshot, reason == CloseReason.DataSwapped && before == ReplicaSessionState.SendingSnapshot);
        Count(SwapClosesStreaming, reason == CloseReason.DataSwapped && before == ReplicaSessionState.Streaming);
        Count(SilenceFoundByMaster, reason == CloseReason.Silence);
        Count(NoProgressOfReplica, reason == CloseReason.NoProgress);
        Count(SituationCatalogue.Superseded, reason == CloseReason.Superseded);
        Count(HandshakeTimedOut, reason == CloseReason.HandshakeTimeout);
        Count(CorruptionFoundByMaster, reason == CloseReason.ProtocolViolation);
        Count(CorruptHandshake, reason == CloseReason.HandshakeRefused && session.Connection.WasCorrupted);
        _sendsSnapshot = SendsSnapshot;
        if (!_sendsSnapshot)
        {
            _removedInSnapshot.Clear();
        }

        WhenSessionEntered(session, state);
    }

    /// <summary>The link begins to hand data to a recovering master.</summary>
    public void Gives()
    {
        IsGiving = true;
        if (process.Link?.Driver is { } driver)
        {
            WhenGiving(driver);
        }
    }

    /// <summary>This node has, as a master, written a record.</summary>
    public void Recorded(RecordKind kind, string key, ModelEntry? before)
    {
        Count(TouchRecord, kind == RecordKind.Touch);
        if (!_sendsSnapshot)
        {
            return;
        }

        switch (kind)
        {
            case RecordKind.Set:
                Count(SetInSnapshot, true);
                Count(ReturnInSnapshot, _removedInSnapshot.Remove(key));
                break;
            case RecordKind.Remove:
                bool isExpired = before!.Expiration.Deadline != 0 && before.Expiration.Deadline <= process.Now().UtcMilliseconds;
                Count(isExpired ? ExpiryInSnapshot : RemoveInSnapshot, true);
                _removedInSnapshot.Add(key);
                break;
            case RecordKind.Clear:
                Count(ClearInSnapshot, true);
                break;
        }
    }

    private void ObserveLink()
    {
        ReplicaLink? link = process.Core.Upstream?.Link;
        ReplicationLinkState state = link?.State ?? ReplicationLinkState.Disconnected;
        if (link == _link && state == _state)
        {
            _isInsideRecord = link is not null && state == ReplicationLinkState.Streaming && link.ReceivedOffset > process.Core.Data.Offset;
            _hasWaited |= process.Core.Upstream?.WaitingPosition > 0;
            return;
        }

        if (_link is not null && (link != _link || _link.IsClosed))
        {
            LinkEnded(_link);
        }

        if (link != _link)
        {
            SwappedAt = -1;
            IsGiving = false;
            _hasWaited = false;
            _isInsideRecord = false;
        }

        _link = link;
        _state = state;
        if (link is not null && process.Link?.Driver is { } driver && driver.Link == link)
        {
            if (state == ReplicationLinkState.Streaming && process.Peer(driver.Connection.To) is { } master)
            {
                Count(OlderPeer, master.Core.Settings.OfferedCapabilities != process.Core.Settings.OfferedCapabilities);
                Count(UnknownFields, master.IsNewer || process.IsNewer);
            }

            WhenLinkEntered(driver, state);
        }
    }

    private void LinkEnded(ReplicaLink link)
    {
        CloseReason reason = link.ClosedFor;
        Count(SilenceFoundByReplica, reason == CloseReason.Silence);
        Count(HandshakeTimedOut, reason == CloseReason.HandshakeTimeout);
        Count(CorruptionFoundByReplica, reason == CloseReason.ProtocolViolation);
        Count(ReplicaFull, reason == CloseReason.StoreFull);
        Count(OrderEndsSnapshot, reason == CloseReason.RoleChanged && _state == ReplicationLinkState.ReceivingSnapshot);
        Count(OrderEndsStreaming, reason == CloseReason.RoleChanged && _state == ReplicationLinkState.Streaming);
        if (reason is not (CloseReason.ConnectionLost or CloseReason.Silence or CloseReason.ProtocolViolation or CloseReason.NoProgress))
        {
            return;
        }

        switch (_state)
        {
            case ReplicationLinkState.Handshaking:
                Count(LinkLostInHandshake, true);
                break;
            case ReplicationLinkState.RequestingSync:
                Count(_hasWaited ? LinkLostInLine : LinkLostBeforeSyncAnswer, true);
                break;
            case ReplicationLinkState.ReceivingSnapshot:
                Count(process.Core.Data.HoldsData ? LinkLostInSnapshotBesideData : LinkLostInFirstSnapshot, true);
                break;
            case ReplicationLinkState.Streaming:
                Count(LinkLostInsideRecord, _isInsideRecord);
                Count(SwappedAt == process.Core.Data.Offset && !_isInsideRecord ? LinkLostBeforeFirstRecord : LinkLostWhileStreaming, true);
                break;
            case ReplicationLinkState.Recovering:
                Count(LinkLostInRecovery, true);
                break;
        }
    }

    private void Count(Situation situation, bool isSo)
    {
        if (isSo)
        {
            process.Situations.Count(situation);
        }
    }
}
