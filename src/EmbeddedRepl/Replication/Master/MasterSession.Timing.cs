using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Master;

/// <content>What happens as time passes: heartbeats, time-outs, and the limits of what a slow replica may hold back.</content>
internal sealed partial class MasterSession
{
    private readonly long _openedAt;
    private readonly long _toldHeartbeatInterval;
    private bool _digestPending;
    private bool _knowsOldUpstream;
    private long _nextHeartbeatAt;
    private long _nextKeepAliveAt;
    private long _overSoftLimitSince = -1;

    /// <summary>Time passed: heartbeats, keep-alives and time-outs.</summary>
    public void Tick(Moment now)
    {
        if (IsClosed)
        {
            return;
        }

        NodeSettings settings = _node.Settings;
        if (State == ReplicaSessionState.Handshaking)
        {
            // From the opening, not from the last byte: a peer that trickles bytes gains nothing.
            if (now.Milliseconds - _openedAt >= settings.HandshakeTimeout)
            {
                Close(CloseReason.HandshakeTimeout, "The handshake was not finished in time.", now);
            }

            return;
        }

        if (now.Milliseconds - LastReceivedAt >= settings.LinkTimeout)
        {
            Close(CloseReason.Silence, "Nothing was heard from the replica for LinkTimeout.", now);
            return;
        }

        if (_workStartedAt >= 0 && now.Milliseconds - _workStartedAt >= settings.LinkTimeout)
        {
            Close(CloseReason.NoProgress, "The replica took no data for LinkTimeout.", now);
            return;
        }

        // Not before it streams: a full sync would have to begin anew, and a partial resync costs next to nothing.
        if (_knowsOldUpstream && State == ReplicaSessionState.Streaming)
        {
            Close(CloseReason.RoleChanged, "Whom this node follows has changed, and the replica can be told so only by another handshake.", now);
            return;
        }

        CheckSoftLimit(now);
        if (!IsClosed)
        {
            SendTimedFrames(now);
        }
    }

    /// <summary>The stream is about to be over this session's limit if more stays unsent: called after an append.</summary>
    public void CheckOutputLimit(Moment now)
    {
        long pending = LimitedBytes;
        if (pending > _node.Settings.EffectiveOutputLimit)
        {
            Overrun(pending, _node.Settings.EffectiveOutputLimit, now);
        }
    }

    private void SendTimedFrames(Moment now)
    {
        NodeSettings settings = _node.Settings;
        if (State == ReplicaSessionState.WaitingForSnapshot)
        {
            if (now.Milliseconds >= _nextKeepAliveAt)
            {
                _nextKeepAliveAt = now.Milliseconds + Math.Min(settings.HeartbeatInterval, settings.LinkTimeout / 3);
                Send(new FullSyncWaitFrame(_node.FullSyncs.PositionOf(this)));
                Wake();
            }

            return;
        }

        if ((_sender is not null || State == ReplicaSessionState.Recovering) && now.Milliseconds >= _nextHeartbeatAt)
        {
            // Never less often than the replica was told in the handshake: it goes by that.
            _nextHeartbeatAt = now.Milliseconds + Math.Min(settings.HeartbeatInterval, _toldHeartbeatInterval);
            SendHeartbeat(now);
            Wake();
        }
    }

    private void SendHeartbeat(Moment now)
    {
        DataSet data = _node.Data;

        // The plain ping goes out at once, so that a replica that is far behind still hears its master. The digest is true
        // at one offset only and waits for its place in the stream; one at a time.
        Send(new HeartbeatFrame(now.UtcMilliseconds, data.Offset, null));
        if (State == ReplicaSessionState.Streaming && !_digestPending && !_sender!.HasMarkers)
        {
            _digestPending = true;
            _sender.AddMarker(data.Offset, MarkerKinds.Digest, new HeartbeatFrame(now.UtcMilliseconds, data.Offset, new OffsetDigest(data.Offset, data.Store.Digest.Sum)));
        }
    }

    private long LimitedBytes => _sender?.LimitedBytes ?? 0;

    private void CheckSoftLimit(Moment now)
    {
        NodeSettings settings = _node.Settings;
        long soft = settings.EffectiveSoftLimit;
        long pending = LimitedBytes;
        if (pending <= soft)
        {
            _overSoftLimitSince = -1;
        }
        else if (_overSoftLimitSince < 0)
        {
            _overSoftLimitSince = now.Milliseconds;
        }
        else if (now.Milliseconds - _overSoftLimitSince >= settings.ReplicaOutputSoftTime)
        {
            Overrun(pending, soft, now);
        }
    }

    private void Overrun(long pending, long limit, Moment now)
    {
        _node.Counters.OutputLimitDisconnects++;
        _node.Events.ReplicaOverrun(Peer, pending, limit);
        Close(CloseReason.Overrun, $"The replica cannot keep up: {pending} bytes wait for it, more than {limit}.", now, ErrorCode.Overrun);
    }
}
