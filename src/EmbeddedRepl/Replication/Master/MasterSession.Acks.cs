using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Master;

/// <content>What the replica has acknowledged.</content>
internal sealed partial class MasterSession
{
    private bool _hasConfirmed;
    private long _lowestAck;
    private long _servedFrom;

    /// <summary>What the replica reported as applied of this history; 0 before it has.</summary>
    public long AckedOffset { get; private set; }

    /// <summary>When the last acknowledgement came, in milliseconds of the monotonic clock.</summary>
    public long LastAckAt { get; private set; }

    /// <summary>
    /// Whether the replica serves this history: it was granted a partial resync, or has acknowledged since its full sync was sent. Only then does
    /// <see cref="AckedOffset"/> say what it has.
    /// </summary>
    public bool IsSynced => State == ReplicaSessionState.Streaming && _hasConfirmed;

    /// <summary>How far the replica's clock is ahead of this node's, in milliseconds; null before it has answered a heartbeat.</summary>
    public long? ClockSkew { get; private set; }

    private void ReceiveAck(in AckFrame ack, Moment now)
    {
        LastAckAt = now.Milliseconds;
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
}
