using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.Replication.Recovery;

namespace EmbeddedRepl.Replication.Master;

/// <summary>
/// The upstream node's end of one replica: decides between partial and full, sends snapshot and stream, watches that the
/// replica lives and keeps up. The states are those of <see cref="ReplicaSessionState"/>; an event that does not fit the
/// state is an error of the peer.
/// </summary>
internal sealed class MasterSession : PeerEndpoint
{
    private readonly NodeCore _node;
    private readonly MasterHandshake _handshake;
    private readonly long _openedAt;
    private readonly long _toldHeartbeatInterval;
    private readonly OfferSession _offers;
    private SyncSender? _sender;
    private bool _awaitsConfirmation;
    private bool _hasConfirmed;
    private long _lowestAck;
    private long _servedFrom;
    private bool _digestPending;
    private long _nextHeartbeatAt;
    private long _nextKeepAliveAt;
    private long _workStartedAt = -1;
    private long _overSoftLimitSince = -1;
    private long _snapshotStartedAt;

    public MasterSession(NodeCore node, string peer, INodeSignal signal, Moment now)
    {
        _node = node;
        Signal = signal;
        Peer = peer;
        _openedAt = now.Ticks;
        LastReceivedAt = now.Ticks;
        _toldHeartbeatInterval = node.Settings.HeartbeatInterval;
        _offers = new OfferSession(node, this);
        _handshake = new MasterHandshake(node.Settings, node.RunId, node.Random, () => node.KnownUpstreamRunIds);
    }

    public ReplicaSessionState State { get; private set; }

    /// <summary>How the replica is called in messages.</summary>
    public string Peer { get; private set; }

    /// <summary>The random name of the replica's process; null until it has told it.</summary>
    public RunId? RunId => _handshake.IsComplete ? _handshake.Peer.RunId : null;

    /// <summary>What is being taken from the replica to recover, or null.</summary>
    public RecoveryTransfer? Transfer => _offers.Transfer;

    public INodeSignal Signal { get; }

    /// <summary>What the replica reported as applied of this history; 0 before it has.</summary>
    public long AckedOffset { get; private set; }

    /// <summary>Whether the sender loop waits for the stream to advance.</summary>
    public bool IsIdle { get; set; }

    /// <summary>When the last acknowledgement came, in ticks.</summary>
    public long LastAckAt { get; private set; }

    /// <summary>
    /// Whether the replica serves this history: it was granted a partial resync, or has acknowledged since its full sync was sent. Only then does
    /// <see cref="AckedOffset"/> say what it has.
    /// </summary>
    public bool IsSynced => State == ReplicaSessionState.Streaming && _hasConfirmed;

    /// <summary>Whether anything of the stream was ever sent to it, or would have been.</summary>
    public bool WasServed => _sender is not null;

    /// <summary>How far the replica's clock is ahead of this node's, in milliseconds; null before it has answered a heartbeat.</summary>
    public long? ClockSkew { get; private set; }

    public long PendingBytes => _sender?.PendingBytes ?? 0;

    /// <summary>Whether the peer has proved the password, if one is demanded.</summary>
    public bool IsAuthenticated => _handshake.IsAuthenticated;

    /// <summary>Whether the peer has proved the password and said who it is.</summary>
    public bool IsIdentified => _handshake.IsComplete;

    /// <summary>Whether the replica got as far as streaming.</summary>
    public bool HasStreamed { get; private set; }

    /// <summary>Whether sends must be made by a loop of their own, because data may come at any time.</summary>
    public bool IsAttached => State is not (ReplicaSessionState.Handshaking or ReplicaSessionState.Closed);

    /// <summary>Whether it counts as one of <c>MaxReplicas</c>: also while the replica considers the full sync that it was offered.</summary>
    public bool TakesPlace => IsAttached || _awaitsConfirmation;

    protected override SyncSender? Sender => _sender;

    public override int MaxPayload => State == ReplicaSessionState.Recovering ? FrameLimits.Data : _handshake.IsAuthenticated ? FrameLimits.Control : FrameLimits.BeforeAuthentication;

    public override SendWork NextWork(IBufferWriter<byte> output, Moment now)
    {
        bool wrote = FlushControlFrames(output);
        if (IsClosed)
        {
            return SendWork.Of(SendKind.Close);
        }

        SendWork work = SendWork.Of(SendKind.Wait);
        if (_sender is not null)
        {
            wrote |= EmitMarkers(output, now);
            work = _sender.NextData();
        }

        if (work.Kind == SendKind.Wait)
        {
            if (!wrote)
            {
                BecomeIdle();
                return work;
            }

            work = SendWork.Of(SendKind.Flush);
        }

        _workStartedAt = now.Ticks;
        return work;
    }

    public override void Complete(in SendWork work, Moment now)
    {
        _workStartedAt = -1;
        base.Complete(work, now);
    }

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
            if (now.Ticks - _openedAt >= settings.HandshakeTimeout)
            {
                Close(CloseReason.HandshakeTimeout, "The handshake was not finished in time.", now);
            }

            return;
        }

        if (now.Ticks - LastReceivedAt >= settings.LinkTimeout)
        {
            Close(CloseReason.Silence, "Nothing was heard from the replica for LinkTimeout.", now);
            return;
        }

        if (_workStartedAt >= 0 && now.Ticks - _workStartedAt >= settings.LinkTimeout)
        {
            Close(CloseReason.NoProgress, "The replica took no data for LinkTimeout.", now);
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

    /// <summary>Its turn has come.</summary>
    public void StartFullSync(Moment now)
    {
        DataSet data = _node.Data;
        _sender = new SyncSender(data, _node.Settings, data.Offset, withSnapshot: true);
        _snapshotStartedAt = now.Ticks;
        _lowestAck = data.Offset;
        State = ReplicaSessionState.SendingSnapshot;
        _nextHeartbeatAt = now.Ticks + _node.Settings.HeartbeatInterval;
        Send(new FullSyncStartFrame(
            data.History.Id, data.History.OriginId, data.History.Ancestors, data.Offset, data.Store.Seed.ToWire(), data.Store.Count, data.Store.UsedBytes));
        _node.Counters.SyncFull++;
        _node.Events.FullSyncStarted(Peer, data.Offset, data.Store.Count);
        Wake();
    }

    /// <summary>The data set takes another id at the current end of the stream; the replica is told exactly there.</summary>
    public void AnnounceHistory(ReplicationHistory history, long offset)
    {
        if (_sender is not null)
        {
            _sender.AddMarker(offset, MarkerKinds.HistoryChanged, new HistoryChangedFrame(history.Id, offset, history.Ancestors, history.OriginId));
            Wake();
        }
    }

    /// <summary>This node follows somebody else, or learnt that somebody further up does: a cycle shows in it.</summary>
    public void AnnounceUpstream(IReadOnlyList<RunId> upstream)
    {
        if (!IsClosed && _handshake.IsComplete && _handshake.Shared.HasFlag(Capabilities.UpstreamUpdates))
        {
            Send(new UpstreamChangedFrame(upstream));
            Wake();
        }
    }

    /// <summary>Takes what the replica offered.</summary>
    public void Take(RecoveryTransfer transfer)
    {
        Send(_offers.Begin(transfer));
        Wake();
    }

    /// <summary>Turns the peer away before anything is exchanged.</summary>
    public void Refuse(ErrorCode code, string message, Moment now)
    {
        _node.Counters.HandshakesRefused++;
        _node.Events.HandshakeRefused(Peer, code, message);
        Close(CloseReason.HandshakeRefused, message, now, code);
    }

    protected override void Receive(FrameType type, in ReadOnlySequence<byte> payload, Moment now)
    {
        if (type == FrameType.Error)
        {
            ReceiveError(FramePayload.Read<ErrorFrame>(payload), now);
            return;
        }

        if (!_handshake.IsComplete)
        {
            _handshake.Receive(type, payload, ControlFrames);
            if (_handshake.IsComplete && _handshake.Peer.AnnouncedHost is { } host)
            {
                Peer = $"{host}:{_handshake.Peer.AnnouncedPort}";
            }

            Wake();
            return;
        }

        switch (type)
        {
            case FrameType.SyncRequest when State == ReplicaSessionState.Handshaking && !_awaitsConfirmation:
                ReceiveSyncRequest(FramePayload.Read<SyncRequestFrame>(payload), now);
                break;
            case FrameType.FullSyncAccept when _awaitsConfirmation:
                FramePayload.Read<FullSyncAcceptFrame>(payload);
                EnterFullSyncLine(now);
                break;
            case FrameType.FullSyncRefuse when _awaitsConfirmation:
                ReceiveRefusal(FramePayload.Read<FullSyncRefuseFrame>(payload), now);
                break;
            case FrameType.RecoveryOffer or FrameType.FullSyncStart or FrameType.SnapshotChunk or FrameType.SnapshotEnd or FrameType.StreamChunk or FrameType.RecoveryEnd
                when State == ReplicaSessionState.Recovering:
                _offers.Receive(type, payload, now);
                break;
            case FrameType.Ack when IsAttached || _awaitsConfirmation:
                ReceiveAck(FramePayload.Read<AckFrame>(payload), now);
                break;
            default:
                throw new ProtocolException($"A {type} frame cannot come while the session is {State}.");
        }
    }

    protected override void Fail(ProtocolException exception, Moment now)
    {
        // A cycle may show only after the handshake; the peer is refused for it, it has done nothing wrong.
        if (!_handshake.IsComplete || exception.Code == ErrorCode.Cycle)
        {
            Refuse(exception.Code, exception.Message, now);
        }
        else
        {
            Close(CloseReason.ProtocolViolation, exception.Message, now, exception.Code);
        }
    }

    protected override void OnClosed(Moment now)
    {
        bool wasOffering = State == ReplicaSessionState.Recovering;
        State = ReplicaSessionState.Closed;
        _awaitsConfirmation = false;
        _sender?.Close();
        _node.SessionClosed(this, now);
        if (wasOffering)
        {
            _offers.Close(now);
        }

        Wake();
    }

    private void ReceiveError(in ErrorFrame error, Moment now)
    {
        string message = $"The replica reported {error.Code}: {error.Message}";
        if (_handshake.IsComplete)
        {
            Close(CloseReason.PeerError, message, now);
            return;
        }

        // It was the replica that refused, for instance because a password is set on one side only: the reason belongs into both logs.
        _node.Counters.HandshakesRefused++;
        _node.Events.HandshakeRefused(Peer, error.Code, message);
        Close(CloseReason.HandshakeRefused, message, now);
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
        LastAckAt = now.Ticks;
        _hasConfirmed = true;
        State = ReplicaSessionState.Streaming;
        _nextHeartbeatAt = now.Ticks;
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
            _nextHeartbeatAt = now.Ticks + _node.Settings.HeartbeatInterval;
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
        _nextKeepAliveAt = now.Ticks + _node.Settings.AckInterval;
        Send(new FullSyncWaitFrame(position));
        Wake();
    }

    private void ReceiveRefusal(in FullSyncRefuseFrame refusal, Moment now)
    {
        _node.Counters.FullSyncsRefusedByReplica++;
        _node.Events.FullSyncRefusedByReplica(Peer, refusal.Message);
        Close(CloseReason.FullSyncRefused, refusal.Message, now);
    }

    private void ReceiveAck(in AckFrame ack, Moment now)
    {
        LastAckAt = now.Ticks;
        if (ack.EchoUtcMs > 0)
        {
            // As PROTOCOL.md derives it: t1 = echo, t4 = now, t3 = the replica's clock, t2 = t3 - age of the echo.
            ClockSkew = ((ack.UtcMs - ack.EchoAgeMs - ack.EchoUtcMs) + (ack.UtcMs - now.UtcMilliseconds)) / 2;
        }

        if (_sender is null || (ack.AppliedOffset == 0 && _lowestAck > 0))
        {
            // A replica that waits in line or loads says that it lives and holds nothing of this history yet. (Where the history
            // itself is at 0, there is nothing that it could lack.)
            return;
        }

        if (ack.AppliedOffset < _lowestAck || ack.AppliedOffset > _sender.Position)
        {
            throw new ProtocolException(
                $"The replica acknowledges offset {ack.AppliedOffset}, but was sent [.., {_sender.Position}) and may acknowledge from {_lowestAck} on.");
        }

        AckedOffset = _lowestAck = ack.AppliedOffset;
        _hasConfirmed |= State == ReplicaSessionState.Streaming && ack.AppliedOffset >= _servedFrom;
        _node.Acked(now);
    }

    private bool EmitMarkers(IBufferWriter<byte> output, Moment now)
    {
        MarkerKinds emitted = _sender!.EmitMarkers(output);
        if (emitted.HasFlag(MarkerKinds.Digest))
        {
            _digestPending = false;
        }

        if (emitted.HasFlag(MarkerKinds.SnapshotEnd))
        {
            State = ReplicaSessionState.Streaming;
            _servedFrom = _sender.Position;
            _node.Counters.LastFullSyncSent = now.Ticks - _snapshotStartedAt;
            _node.Events.FullSyncSent(Peer, _sender.SnapshotEntries, _sender.SnapshotBytes, _sender.Position, now.Ticks - _snapshotStartedAt);
            BeginStreaming(_sender.Position);
            _node.LeaveFullSyncLine(this, now);
        }

        return emitted != MarkerKinds.None;
    }

    /// <summary>The loop will wait for <see cref="Signal"/>; whoever appends to the stream wakes it.</summary>
    private void BecomeIdle()
    {
        if (!IsIdle)
        {
            IsIdle = true;
            _node.IdleSessions++;
        }
    }

    private void SendTimedFrames(Moment now)
    {
        NodeSettings settings = _node.Settings;
        if (State == ReplicaSessionState.WaitingForSnapshot)
        {
            if (now.Ticks >= _nextKeepAliveAt)
            {
                _nextKeepAliveAt = now.Ticks + Math.Min(settings.HeartbeatInterval, settings.LinkTimeout / 3);
                Send(new FullSyncWaitFrame(_node.FullSyncs.PositionOf(this)));
                Wake();
            }

            return;
        }

        if ((_sender is not null || State == ReplicaSessionState.Recovering) && now.Ticks >= _nextHeartbeatAt)
        {
            // Never less often than the replica was told in the handshake: it goes by that.
            _nextHeartbeatAt = now.Ticks + Math.Min(settings.HeartbeatInterval, _toldHeartbeatInterval);
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
            _overSoftLimitSince = now.Ticks;
        }
        else if (now.Ticks - _overSoftLimitSince >= settings.ReplicaOutputSoftTime)
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

    private void Wake() => Signal.Set();
}
