using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.Transport.Tls;

namespace EmbeddedRepl.Replication.Master;

/// <summary>
/// The upstream node's end of one replica: decides between partial and full, sends snapshot and stream, watches that the
/// replica lives and keeps up. The states are those of <see cref="ReplicaSessionState"/>; an event that does not fit the
/// state is an error of the peer.
/// </summary>
internal sealed partial class MasterSession : PeerEndpoint
{
    /// <summary>Bytes of answers that may wait for a replica, however large <c>ForwardBufferSize</c> is.</summary>
    private const long MaxWaitingAnswers = 1L << 30;

    private readonly NodeCore _node;
    private readonly MasterHandshake _handshake;
    private readonly OfferSession _offers;
    private SyncSender? _sender;

    /// <summary>Whether the thread that reads sends what comes of it, so that nobody need be woken for it.</summary>
    private bool _answersAtEndOfBurst;

    public MasterSession(NodeCore node, string peer, INodeSignal signal, Moment now)
    {
        _node = node;
        Signal = signal;
        Peer = peer;
        _openedAt = now.Milliseconds;
        LastReceivedAt = now.Milliseconds;
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

    /// <summary>Whether the replica may offer data that an order has given up.</summary>
    public bool KnowsGivenUpOffers => _handshake.Shared.HasFlag(Capabilities.GivenUpOffers);

    public INodeSignal Signal { get; }

    /// <summary>By which a thread that made the stream longer may send itself; null where nobody can.</summary>
    public ICallersSender? CallersSender { get; set; }

    /// <summary>Whether the sender loop waits for the stream to advance.</summary>
    public bool IsIdle { get; set; }

    /// <summary>Whether anything of the stream was ever sent to it, or would have been.</summary>
    public bool WasServed => _sender is not null;

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

    /// <summary>Takes what the replica offered.</summary>
    public void Take(RecoveryTransfer transfer)
    {
        Send(_offers.Begin(transfer));
        Wake();
    }

    /// <summary>Tells the replica, or a process below it, what became of a forwarded write.</summary>
    public void Answer(in WriteReplyFrame reply)
    {
        if (!IsClosed)
        {
            Send(reply);
            if (!_answersAtEndOfBurst)
            {
                Wake();
            }
        }
    }

    /// <inheritdoc/>
    public override bool EndOfBurst()
    {
        bool answers = _answersAtEndOfBurst;
        _answersAtEndOfBurst = false;
        return answers;
    }

    /// <inheritdoc/>
    public override void Refuse(ErrorCode code, string message, Moment now)
    {
        if (IsClosed)
        {
            return;
        }

        _node.LastHandshakeRefusal = $"{Peer} ({code}): {message}";
        _node.Counters.HandshakesRefused++;
        _node.Events.HandshakeRefused(Peer, code, message);
        Close(CloseReason.HandshakeRefused, message, now, code);
    }

    protected override void CheckFirstBytes(in ReadOnlySequence<byte> buffer)
    {
        // As a frame it would announce 369 MB, and the peer would be told that.
        if (!_handshake.IsComplete && buffer.FirstSpan is { Length: > 1 } first && TlsRecord.IsTls(first))
        {
            throw new ProtocolException(
                ErrorCode.TlsNotEnabled,
                "The peer speaks TLS, and Tls:Listener is false on this node. Set Tls:Listener to true here, or Tls:Link to false on the replica.");
        }
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
            if (_handshake.IsComplete)
            {
                Peer = PeerAddress.Announced(Peer, _handshake.Peer.AnnouncedHost, _handshake.Peer.AnnouncedPort);
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
            case FrameType.WriteRequest when State == ReplicaSessionState.Streaming && _handshake.Shared.HasFlag(Capabilities.WriteForwarding):
                if (ControlFrames.WrittenCount > Math.Min(_node.Settings.ForwardBufferSize, MaxWaitingAnswers))
                {
                    Close(
                        CloseReason.NoProgress,
                        $"The replica sends writes and does not take the answers: {ControlFrames.WrittenCount} bytes of them wait, more than ForwardBufferSize allows.",
                        now,
                        ErrorCode.Overrun);
                    break;
                }

                AnswerAtEndOfBurst();
                _node.Requests.Receive(this, FramePayload.Read<WriteRequestFrame>(payload), now);
                break;
            case FrameType.TouchRequest when State == ReplicaSessionState.Streaming && _handshake.Shared.HasFlag(Capabilities.Touches):
                _node.TouchRequests.Receive(FramePayload.Read<TouchRequestFrame>(payload), now);
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
        _node.LastHandshakeRefusal = $"{Peer} ({error.Code}): {message}";
        _node.Counters.HandshakesRefused++;
        _node.Events.HandshakeRefused(Peer, error.Code, message);
        Close(CloseReason.HandshakeRefused, message, now);
    }

    private void AnswerAtEndOfBurst()
    {
        _answersAtEndOfBurst = true;
        if (IsIdle)
        {
            IsIdle = false;
            _node.IdleSessions--;
        }
    }

    private void Wake() => Signal.Set();
}
