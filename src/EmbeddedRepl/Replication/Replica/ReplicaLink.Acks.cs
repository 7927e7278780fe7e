using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Replica;

/// <content>What the master is told of what was applied, and when.</content>
internal sealed partial class ReplicaLink
{
    /// <summary>So many bytes are acknowledged at once, without waiting for the interval: writers may wait for acknowledgements.</summary>
    private const long AckEveryBytes = 256 * 1024;

    /// <summary>Progress is acknowledged at most so often, in milliseconds; a single change after a quiet time at once.</summary>
    private const long UrgentAckSpacing = 2;

    private long _lastAckAt;
    private long _lastAckOffset;
    private bool _ackIsUrgent;

    /// <summary>When <see cref="NextWork"/> will have something to send without a further signal, in milliseconds of the monotonic clock.</summary>
    public long NextAckAt => _lastAckAt + (_ackIsUrgent ? UrgentAckSpacing : LongestSilence(_node.Settings.AckInterval));

    /// <summary>What arrived has been consumed for now: a quiet moment, in which progress is acknowledged without delay.</summary>
    public override bool EndOfBurst()
    {
        if (State == ReplicationLinkState.Streaming && !_ackIsUrgent && AppliedOffset != _lastAckOffset)
        {
            _ackIsUrgent = true;
            Signal.Set();
        }

        return false;
    }

    /// <summary>
    /// What this node serves of the master's history. 0 until it does: a data set that is still loading may be discarded, and nobody who waits for
    /// acknowledgements may count on it.
    /// </summary>
    private long AppliedOffset => State == ReplicationLinkState.Streaming ? _node.Data.Offset : 0;

    private bool IsAckDue(Moment now) => State is not (ReplicationLinkState.Handshaking or ReplicationLinkState.Disconnected)
        && (now.Milliseconds >= NextAckAt || AppliedOffset - _lastAckOffset >= AckEveryBytes);

    /// <summary>
    /// The time-out of the master is not known, but it is longer than its own heartbeat interval: whoever speaks as often as the master
    /// does is never taken for dead by it.
    /// </summary>
    private long LongestSilence(long ackInterval) => _handshake.Peer.HeartbeatIntervalMs is > 0 and int heartbeat
        ? Math.Min(ackInterval, heartbeat)
        : ackInterval;
}
