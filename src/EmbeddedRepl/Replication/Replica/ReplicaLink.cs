using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Recovery;

namespace EmbeddedRepl.Replication.Replica;

/// <summary>
/// A replica's end of one connection to its master, from the handshake on. A new connection is a new object; what outlives
/// connections (back-off, orders, the reason of the last failure) is in <see cref="ReplicaLinkKeeper"/>. The states are those
/// of <see cref="ReplicationLinkState"/>; an event that does not fit the state is an error of the master.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "What it owns is disposed of when the link is closed, which every link is.")]
internal sealed partial class ReplicaLink : PeerEndpoint, IRecoveryUplink
{
    private readonly NodeCore _node;
    private readonly ReplicaLinkKeeper _keeper;
    private readonly ReplicaHandshake _handshake;
    private readonly SyncReceiver _receiver;
    private readonly long _openedAt;
    private RecoveryOffering? _offering;
    private long _heartbeatUtc;
    private long _heartbeatAt;

    public ReplicaLink(NodeCore node, ReplicaLinkKeeper keeper, INodeSignal signal, Moment now)
    {
        _node = node;
        _keeper = keeper;
        Signal = signal;
        _openedAt = now.Milliseconds;
        LastReceivedAt = now.Milliseconds;
        _receiver = new SyncReceiver(node);
        _handshake = new ReplicaHandshake(node.Settings, node.RunId, node.Random, node.Settings.AnnouncedHost, node.Settings.AnnouncedPort);
        State = ReplicationLinkState.Handshaking;
        _handshake.Start(ControlFrames);
    }

    public ReplicationLinkState State { get; private set; }

    /// <summary>Wakes the loop that sends.</summary>
    public INodeSignal Signal { get; }

    /// <summary>What this node does while its master recovers; null otherwise.</summary>
    public RecoveryOffering? Offering => IsClosed ? null : _offering;

    public FullSyncLoad? Load => _receiver.Load;

    /// <summary>The end of what has been received of the stream, whole records or not.</summary>
    public long ReceivedOffset => State == ReplicationLinkState.Streaming ? _receiver.ReceivedOffset : _node.Data.Offset;

    /// <summary>Whether <see cref="ClockSkew"/> is known.</summary>
    public bool KnowsClockSkew => _heartbeatUtc != 0;

    /// <summary>What the master last said it had.</summary>
    public long MasterEndOffset { get; private set; }

    /// <summary>How far the master's clock is ahead of this node's, as far as one heartbeat tells, in milliseconds.</summary>
    public long ClockSkew { get; private set; }

    /// <summary>Whether sends must be made by a loop of their own, because acknowledgements are due on time.</summary>
    public bool IsAttached => _handshake.IsComplete;

    /// <summary>Whether writes can be sent over it.</summary>
    public bool CanForward => _handshake.Shared.HasFlag(Capabilities.WriteForwarding);

    protected override SyncSender? Sender => _offering?.Sender;

    public override int MaxPayload => _handshake.IsAuthenticated ? FrameLimits.Data : FrameLimits.BeforeAuthentication;

    public override SendWork NextWork(IBufferWriter<byte> output, Moment now)
    {
        if (!IsClosed && IsAckDue(now))
        {
            _lastAckAt = now.Milliseconds;
            _lastAckOffset = AppliedOffset;
            _ackIsUrgent = false;
            Send(new AckFrame(AppliedOffset, now.UtcMilliseconds, _heartbeatUtc, _heartbeatUtc == 0 ? 0 : now.Milliseconds - _heartbeatAt));
        }

        bool wrote = FlushControlFrames(output);
        if (IsClosed)
        {
            return SendWork.Of(SendKind.Close);
        }

        if (State == ReplicationLinkState.Streaming && !_node.Uplink.IsEmpty)
        {
            wrote |= _node.Uplink.Write(output, _node.Settings.ChunkSize);
        }

        if (State == ReplicationLinkState.Streaming && _handshake.Shared.HasFlag(Capabilities.Touches))
        {
            wrote |= _node.Touches.Write(output, now);
            wrote |= _node.TouchRequests.Write(output, _node.Settings.ChunkSize, SilenceLimit, now);
        }

        SendWork work = SendWork.Of(SendKind.Wait);
        if (Sender is { } sender)
        {
            wrote |= sender.EmitMarkers(output) != MarkerKinds.None;
            work = sender.NextData();
        }

        return work.Kind == SendKind.Wait && wrote ? SendWork.Of(SendKind.Flush) : work;
    }

    /// <summary>After so many milliseconds without a word the link is given up. A master that sends its heartbeats less often than the time-out here is not silent; that it does, it said.</summary>
    private long SilenceLimit => Math.Max(_node.Settings.LinkTimeout, 2L * _handshake.Peer.HeartbeatIntervalMs);

    public void Tick(Moment now)
    {
        if (IsClosed)
        {
            return;
        }

        NodeSettings settings = _node.Settings;
        Offering?.Tick(now);
        if (IsClosed)
        {
            return;
        }

        if (State == ReplicationLinkState.Handshaking)
        {
            if (now.Milliseconds - _openedAt >= settings.HandshakeTimeout)
            {
                Close(CloseReason.HandshakeTimeout, "The master did not finish the handshake in time.", now);
            }
        }
        else if (now.Milliseconds - LastReceivedAt >= SilenceLimit)
        {
            Close(CloseReason.Silence, "Nothing was heard from the master for LinkTimeout.", now);
        }
        else if (State == ReplicationLinkState.ReceivingSnapshot && now.Milliseconds - _receiver.LastProgressAt >= settings.LinkTimeout)
        {
            Close(CloseReason.NoProgress, "The full sync made no progress for LinkTimeout.", now);
        }
    }

    /// <inheritdoc/>
    public override void Refuse(ErrorCode code, string message, Moment now)
    {
        if (!IsClosed)
        {
            ControlFrames.ResetWrittenCount();
            Close(CloseReason.HandshakeRefused, message, now, code);
        }
    }

    bool IRecoveryUplink.KnowsGivenUpOffers => _handshake.Shared.HasFlag(Capabilities.GivenUpOffers);

    void IRecoveryUplink.Say(RecoveryCandidate candidate)
    {
        _node.Events.RecoveryOffering(_keeper.Target, candidate);
        Send(candidate.ToFrame());
        Signal.Set();
    }

    void IRecoveryUplink.Start(in FullSyncStartFrame frame)
    {
        Send(frame);
        Signal.Set();
    }

    void IRecoveryUplink.GiveUp(string reason, Moment now) => Close(CloseReason.RecoveryEnded, reason, now, ErrorCode.Internal);

    protected override void Receive(FrameType type, in ReadOnlySequence<byte> payload, Moment now)
    {
        if (type == FrameType.Error)
        {
            ErrorFrame error = FramePayload.Read<ErrorFrame>(payload);
            CloseReason reason = !_handshake.IsComplete ? CloseReason.HandshakeRefused
                : Offering is not null && error.Code == ErrorCode.HistoryReplaced ? CloseReason.RecoveryEnded
                : CloseReason.PeerError;
            Close(reason, reason == CloseReason.RecoveryEnded ? "The master has recovered and is asked again." : $"The master refused ({error.Code}): {error.Message}", now);
            return;
        }

        if (!_handshake.IsComplete)
        {
            ReceiveHandshake(type, payload, now);
            return;
        }

        switch (type)
        {
            case FrameType.Heartbeat:
                ReceiveHeartbeat(FramePayload.Read<HeartbeatFrame>(payload), now);
                break;
            case FrameType.StreamChunk when State is ReplicationLinkState.Streaming or ReplicationLinkState.ReceivingSnapshot:
                ReceiveStream(StreamChunkFrame.Read(payload), now);
                break;
            case FrameType.SnapshotChunk when Load is not null:
                _receiver.ReceiveSnapshot(SnapshotChunkFrame.Read(payload), now);
                break;
            case FrameType.SnapshotEnd when Load is not null:
                ReceiveSnapshotEnd(FramePayload.Read<SnapshotEndFrame>(payload), now);
                break;
            case FrameType.HistoryChanged when State == ReplicationLinkState.Streaming || Load is not null:
                ReceiveHistoryChanged(FramePayload.Read<HistoryChangedFrame>(payload));
                break;
            case FrameType.Continue when State == ReplicationLinkState.RequestingSync && !_hasAcceptedOffer:
                ReceiveContinue(FramePayload.Read<ContinueFrame>(payload), now);
                break;
            case FrameType.FullSyncOffer when State == ReplicationLinkState.RequestingSync && !_hasAcceptedOffer:
                ReceiveOffer(FramePayload.Read<FullSyncOfferFrame>(payload), now);
                break;
            case FrameType.FullSyncWait when State == ReplicationLinkState.RequestingSync && _hasAcceptedOffer:
                _keeper.WaitingPosition = FramePayload.Read<FullSyncWaitFrame>(payload).Position;
                _node.Events.FullSyncWaiting(_keeper.Target, _keeper.WaitingPosition);
                _ackIsUrgent = true;
                Signal.Set();
                break;
            case FrameType.FullSyncStart when State == ReplicationLinkState.RequestingSync && _hasAcceptedOffer:
                ReceiveStart(FramePayload.Read<FullSyncStartFrame>(payload), now);
                break;
            case FrameType.NotNow when State == ReplicationLinkState.RequestingSync:
                NotNowFrame notNow = FramePayload.Read<NotNowFrame>(payload);
                _keeper.LearnUpstream(_handshake.Peer.RunId, notNow.UpstreamRunIds);
                if (notNow.Reason == NotNowReason.Recovering && _handshake.Shared.HasFlag(Capabilities.Recovery))
                {
                    State = ReplicationLinkState.Recovering;
                    _offering = new RecoveryOffering(_node, _keeper, this, now);
                    break;
                }

                Close(CloseReason.NotNow, $"The master answers not now ({notNow.Reason}): {notNow.Message}", now);
                break;
            case FrameType.UpstreamChanged:
                _keeper.LearnUpstream(_handshake.Peer.RunId, FramePayload.Read<UpstreamChangedFrame>(payload).UpstreamRunIds);
                break;
            case FrameType.WriteReply when State == ReplicationLinkState.Streaming && CanForward:
                ReceiveReply(FramePayload.Read<WriteReplyFrame>(payload));
                break;
            case FrameType.RecoveryRequest when Offering is not null:
                Offering.Receive(FramePayload.Read<RecoveryRequestFrame>(payload), now);
                Signal.Set();
                break;
            default:
                throw new ProtocolException($"A {type} frame cannot come while the link is {State}.");
        }
    }

    protected override void Fail(ProtocolException exception, Moment now)
    {
        // A cycle may show only after the handshake; the master is refused for it, it has done nothing wrong.
        CloseReason reason = _handshake.IsComplete && exception.Code != ErrorCode.Cycle ? CloseReason.ProtocolViolation : CloseReason.HandshakeRefused;
        Close(reason, exception.Message, now, exception.Code);
    }

    protected override void OnClosed(Moment now)
    {
        if (Load is not null)
        {
            _node.Counters.FullSyncsFailed++;
            _node.Events.FullSyncDiscarded(_keeper.Target, CloseMessage);
        }

        _receiver.Dispose();
        if (State == ReplicationLinkState.Streaming)
        {
            _node.UplinkLost(CloseMessage, now);
        }

        if (_offering is not null)
        {
            Sender?.Close();
            _node.CloseOffers("This node's link to its recovering master is over; ask anew.", now);
        }

        bool wasStreaming = State == ReplicationLinkState.Streaming;
        State = ReplicationLinkState.Disconnected;
        _keeper.LinkClosed(this, wasStreaming, now);
        Signal.Set();
    }

    private void ReceiveHandshake(FrameType type, in ReadOnlySequence<byte> payload, Moment now)
    {
        _handshake.Receive(type, payload, ControlFrames);
        if (!_handshake.IsComplete)
        {
            return;
        }

        _keeper.LearnUpstream(_handshake.Peer.RunId, _handshake.Peer.UpstreamRunIds);
        _lastAckAt = now.Milliseconds;
        State = ReplicationLinkState.RequestingSync;
        DataSet data = _node.Data;

        // A data set that was found to differ asks as if it had no history: only a full sync can heal it.
        ReplicationId askedId = _keeper.NeedsFullSync ? ReplicationId.None : data.History.Id;
        Send(new SyncRequestFrame(askedId, data.Offset, data.History.OriginId, data.History.Ancestors, data.HoldsData));
        Signal.Set();
    }

    private void ReceiveReply(in WriteReplyFrame reply)
    {
        if (reply.Originator == _node.RunId)
        {
            _node.Forwarder.Answered(reply);
        }
        else
        {
            _node.Requests.PassDown(reply);
        }
    }

    private void ReceiveHeartbeat(in HeartbeatFrame heartbeat, Moment now)
    {
        MasterEndOffset = Math.Max(MasterEndOffset, heartbeat.MasterEndOffset);
        _heartbeatUtc = heartbeat.UtcMs;
        _heartbeatAt = now.Milliseconds;
        ClockSkew = heartbeat.UtcMs - now.UtcMilliseconds;
        _node.Staleness.HeartbeatReceived(heartbeat.UtcMs, heartbeat.MasterEndOffset, now);
        if (State == ReplicationLinkState.Streaming)
        {
            _node.Staleness.Applied(_node.Data.Offset);
        }

        if (heartbeat.Digest is not { } digest || State != ReplicationLinkState.Streaming)
        {
            return;
        }

        DataSet data = _node.Data;
        if (digest.Offset != data.Offset || _receiver.IsInsideRecord)
        {
            throw new ProtocolException($"The digest for offset {digest.Offset} came at offset {data.Offset}.");
        }

        if (digest.Digest != data.Store.Digest.Sum)
        {
            _node.Counters.DigestMismatches++;
            _node.Events.DigestMismatch(_keeper.Target, digest.Offset);
            if (_keeper.MayHeal(now))
            {
                Close(CloseReason.DigestMismatch, "The data differs from the master's at the same offset; a full sync will heal it.", now);
            }
        }
    }
}
