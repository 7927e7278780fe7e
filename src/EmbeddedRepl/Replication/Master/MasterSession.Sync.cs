using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Master;

/// <content>From the sync request to the stream: the decision, the replica's consent, the line for a full sync.</content>
internal sealed partial class MasterSession
{
    private bool _awaitsConfirmation;
    private long _snapshotStartedAt;

    /// <summary>Its turn has come.</summary>
    public void StartFullSync(Moment now)
    {
        DataSet data = _node.Data;
        _sender = new SyncSender(data, _node.Settings, data.Offset, withSnapshot: true);
        _snapshotStartedAt = now.Milliseconds;
        _lowestAck = data.Offset;
        State = ReplicaSessionState.SendingSnapshot;
        _nextHeartbeatAt = now.Milliseconds + _node.Settings.HeartbeatInterval;
        Send(data.DescribeFullSync(data.Offset));
        _node.Counters.SyncFull++;
        _node.Events.FullSyncStarted(Peer, data.Offset, data.Store.Count);
        Wake();
    }

    private void ReceiveSyncRequest(in SyncRequestFrame request, Moment now)
    {
        if (_node.KnownUpstreamRunIds.Contains(_handshake.Peer.RunId))
        {
            // Checked again: two nodes that follow each other at the same moment know it of each other only after both handshakes.
            throw new ProtocolException(ErrorCode.Cycle, "The peer is one that this node replicates from: following it would close a cycle.");
        }

        _node.Supersede(this, now);
        if (IsClosed)
        {
            return;
        }

        DataSet data = _node.Data;
        if (_node.FindTransientInability() is { } inability)
        {
            AnswerNotNow(inability.Code, inability.Message, now);
            return;
        }

        var asker = new ReplicationHistory(request.Id, request.OriginId, [.. request.Ancestors]);
        SyncVerdict verdict = SyncDecision.Decide(
            data.History, data.Log.FirstOffset, data.Offset, _node.Role == ReplicationRole.Replica, data.History.IdOf(asker, request.Offset), request.Offset);
        _node.Events.SyncDecided(Peer, verdict, request.Id, request.Offset);
        if (verdict.IsPartialRefused)
        {
            _node.Counters.SyncPartialErr++;
        }

        switch (verdict.Answer)
        {
            case SyncAnswer.Continue:
                StartStreaming(request.Offset, now);
                break;
            case SyncAnswer.NotNow:
                AnswerNotNow(
                    _node.OfferCollector is null ? NotNowReason.Lagging : NotNowReason.Recovering, "This node is itself behind the asker.", now);
                break;
            default:
                if (_node.OfferCollector is not null)
                {
                    AnswerNotNow(NotNowReason.Recovering, "This node's master recovers; what cannot be continued here may be what it lacks.", now);
                    return;
                }

                if (_node.Role == ReplicationRole.Replica && !_node.IsLinkUp)
                {
                    // Data of unknown age must not replace anything: the asker keeps what it has until this link is back.
                    AnswerNotNow(NotNowReason.OwnLinkDown, "This node's own link to its master is down.", now);
                    return;
                }

                _awaitsConfirmation = true;
                bool isOverridden = _node.OverridesRefusals || _node.ReplacedLines.Cover(request.Id, request.Offset);
                Send(new FullSyncOfferFrame(data.History.Id, data.History.OriginId, data.Offset, data.History.Ancestors, isOverridden));
                Wake();
                break;
        }
    }

    private void StartStreaming(long offset, Moment now)
    {
        DataSet data = _node.Data;
        _sender = new SyncSender(data, _node.Settings, offset, withSnapshot: false);
        AckedOffset = _lowestAck = offset;
        LastAckAt = now.Milliseconds;
        _hasConfirmed = true;
        State = ReplicaSessionState.Streaming;
        _nextHeartbeatAt = now.Milliseconds;
        Send(new ContinueFrame(data.History.Id, offset, data.History.OriginId, data.History.Ancestors));
        _node.Counters.SyncPartialOk++;
        BeginStreaming(offset);
        Wake();
    }

    private void BeginStreaming(long offset)
    {
        HasStreamed = true;
        _node.Events.ReplicaStreaming(Peer, offset);
    }

    private void AnswerNotNow(NotNowReason code, string message, Moment now)
    {
        _node.Counters.NotNowAnswers++;
        _node.Events.SyncNotNow(Peer, message);
        Send(new NotNowFrame(code, message, 0, [.. _node.KnownUpstreamRunIds]));
        if (code == NotNowReason.Recovering && _handshake.Shared.HasFlag(Capabilities.Recovery))
        {
            State = ReplicaSessionState.Recovering;
            _nextHeartbeatAt = now.Milliseconds + _node.Settings.HeartbeatInterval;
            Wake();
            return;
        }

        Close(CloseReason.NotNow, message, now);
    }

    private void EnterFullSyncLine(Moment now)
    {
        _awaitsConfirmation = false;
        if (_node.FullSyncs.Enter(this, _node.FullSyncPlaces))
        {
            StartFullSync(now);
            return;
        }

        State = ReplicaSessionState.WaitingForSnapshot;
        int position = _node.FullSyncs.PositionOf(this);
        _node.Events.FullSyncQueued(Peer, position);
        _nextKeepAliveAt = now.Milliseconds + _node.Settings.AckInterval;
        Send(new FullSyncWaitFrame(position));
        Wake();
    }

    private void ReceiveRefusal(in FullSyncRefuseFrame refusal, Moment now)
    {
        _node.Counters.FullSyncsRefusedByReplica++;
        _node.Events.FullSyncRefusedByReplica(Peer, refusal.Message);
        Close(CloseReason.FullSyncRefused, refusal.Message, now);
    }
}
