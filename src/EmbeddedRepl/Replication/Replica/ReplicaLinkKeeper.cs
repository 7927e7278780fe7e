using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Replica;

/// <summary>
/// What a replica keeps about its master between connections: where it is, when to try again, whether somebody ordered
/// this node to follow it, and why the last attempt failed. One per master that is followed; another order makes a new one.
/// </summary>
internal sealed class ReplicaLinkKeeper
{
    /// <summary>The pause after the second failure in a row; it doubles up to <c>ReconnectDelay</c>.</summary>
    private const long FirstPause = 50;

    /// <summary>A data set that differs is healed at most so often, so that a lasting fault does not become a storm of full syncs.</summary>
    private const long HealInterval = 60_000;

    private readonly NodeCore _node;
    private readonly Backoff _backoff;
    private (DataSet Data, long Offset, string Message)? _shortage;
    private long _streamingSince;
    private bool _holdsWhatNobodyGaveUp;
    private long _lastHealAt = long.MinValue / 2;

    public ReplicaLinkKeeper(NodeCore node, string target, bool isOrdered, INodeSignal signal, Moment now)
    {
        _node = node;
        Target = target;
        IsOrdered = isOrdered;
        Signal = signal;
        DownSinceUtc = now.UtcMilliseconds;
        _backoff = new Backoff(FirstPause, node.Random);
        NextAttemptAt = now.Milliseconds + _backoff.Next(node.Settings.ReconnectDelay);
    }

    /// <summary>The master as it was configured or ordered, <c>host:port</c>.</summary>
    public string Target { get; }

    /// <summary>Whether an order to follow this master is still unfulfilled: it confirms that the own data may be replaced.</summary>
    public bool IsOrdered { get; private set; }

    /// <summary>
    /// Whether that order gives up what this node holds now. Not what it has taken from a replica below, at the request of its master, and that no order has given up: the data is as much worth as it was there.
    /// </summary>
    public bool GivesUpData => IsOrdered && !_holdsWhatNobodyGaveUp;

    /// <summary>Wakes the loop that connects.</summary>
    public INodeSignal Signal { get; }

    /// <summary>The connection that is open; null while there is none.</summary>
    public ReplicaLink? Link { get; private set; }

    /// <summary>Whether a connection is being opened.</summary>
    public bool IsConnecting { get; private set; }

    /// <summary>Whether the node follows this master no longer; there is no way back.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>When the next attempt to connect is due, in milliseconds of the monotonic clock.</summary>
    public long NextAttemptAt { get; private set; }

    /// <summary>Attempts since the link last held for a while.</summary>
    public int Attempts => _backoff.Attempts;

    /// <summary>Since when the link is not streaming, in UTC milliseconds; -1 while it is.</summary>
    public long DownSinceUtc { get; private set; }

    /// <summary>Why the last connection ended or the last attempt failed, as a sentence; null while the link is up.</summary>
    public string? DownReason { get; private set; }

    /// <summary>Why the replica does not let its master replace its data; null if it does, or was not asked.</summary>
    public string? Refusal { get; set; }

    /// <summary>
    /// Why what comes next does not fit into this node's memory; null if it does. Attempts go on meanwhile, and may succeed for a moment; this stays until something more
    /// has been applied, or other data is served.
    /// </summary>
    public string? MemoryShortage =>
        _shortage is { } shortage && ReferenceEquals(shortage.Data, _node.Data) && shortage.Offset == _node.Data.Offset ? shortage.Message : null;

    /// <summary>The replica's place in the master's line for a full sync; 0 if it does not wait.</summary>
    public int WaitingPosition { get; set; }

    /// <summary>Whether the data was found to differ from the master's, so that only a full sync can heal it.</summary>
    public bool NeedsFullSync { get; private set; }

    /// <summary>When a frame came last over the connection before this one, in milliseconds of the monotonic clock; -1 before the first one ended.</summary>
    public long LastIoAt { get; private set; } = -1;

    /// <summary>The run ids of the master and of what it follows, kept also when the link is down: a cycle shows in them.</summary>
    public IReadOnlyList<RunId> UpstreamRunIds { get; private set; } = [];

    public ReplicationLinkState State => Link?.State ?? (IsConnecting ? ReplicationLinkState.Connecting : ReplicationLinkState.Disconnected);

    public bool ShouldConnect(Moment now) => !IsStopped && !IsConnecting && Link is null && now.Milliseconds >= NextAttemptAt;

    public void BeginConnect()
    {
        IsConnecting = true;
        _node.Events.LinkConnecting(Target, Attempts);
    }

    /// <summary>A connection is open.</summary>
    public ReplicaLink Connected(INodeSignal linkSignal, Moment now)
    {
        IsConnecting = false;
        _node.Staleness.Connect();
        var link = new ReplicaLink(_node, this, linkSignal, now);
        Link = link;
        if (IsStopped)
        {
            // Closing takes the link out of this object again; the caller still needs it, to end the connection.
            link.Close(CloseReason.RoleChanged, "The node follows this master no longer.", now);
        }

        return link;
    }

    public void ConnectFailed(string reason, Moment now)
    {
        IsConnecting = false;
        ScheduleRetry(CloseReason.ConnectionLost, reason, now);
    }

    /// <summary>The master said who it is and whom it follows; replicas of this node are told.</summary>
    /// <exception cref="ProtocolException">This node is among them.</exception>
    public void LearnUpstream(RunId master, IReadOnlyList<RunId> above)
    {
        RunId[] learnt = [master, .. above.Take(ProtocolLimits.RunIds - 1)];
        if (!learnt.AsSpan().SequenceEqual([.. UpstreamRunIds]))
        {
            UpstreamRunIds = learnt;
            _node.AnnounceUpstream();
        }

        if (learnt.Contains(_node.RunId))
        {
            throw new ProtocolException(ErrorCode.Cycle, "The master replicates from this node: following it would close a cycle.");
        }
    }

    /// <summary>The data of this node is now that of a replica below, or a part of it.</summary>
    /// <param name="isGivenUp">Whether an order has given it up there.</param>
    public void TookFromBelow(bool isGivenUp) => _holdsWhatNobodyGaveUp = !isGivenUp;

    /// <summary>What this node holds has been loaded from its file: a master that is not recovering is asked with it, at once.</summary>
    public void AskAnew(Moment now)
    {
        if (Link is { State: ReplicationLinkState.RequestingSync } link)
        {
            link.Close(CloseReason.NotNow, "The snapshot file is loaded; the master is asked again with what it held.", now);
        }

        NextAttemptAt = now.Milliseconds;
        Signal.Set();
    }

    /// <summary>It turned out that somebody ordered this node to follow this master.</summary>
    public void Order() => IsOrdered = true;

    /// <summary>The replica has what its master has: an order is fulfilled with it, and a later full sync must be confirmed anew.</summary>
    public void Synced(Moment now)
    {
        IsOrdered = false;
        NeedsFullSync = false;
        Refusal = null;
        WaitingPosition = 0;
        DownSinceUtc = -1;
        DownReason = null;
        _streamingSince = now.Milliseconds;
        _node.LastFollowedMaster = Target;
    }

    /// <summary>Whether a differing data set may be healed now; if so, the next request asks for a full sync.</summary>
    public bool MayHeal(Moment now)
    {
        if (now.Milliseconds - _lastHealAt < HealInterval)
        {
            return false;
        }

        _lastHealAt = now.Milliseconds;
        NeedsFullSync = true;
        return true;
    }

    public void LinkClosed(ReplicaLink link, bool wasStreaming, Moment now)
    {
        LastIoAt = link.LastReceivedAt;
        Link = null;
        WaitingPosition = 0;
        if (link.ClosedFor == CloseReason.RecoveryEnded)
        {
            // The master is there and has just said that it can be asked now.
            _backoff.Reset();
        }

        if (link.ClosedFor == CloseReason.StoreFull)
        {
            _shortage = (_node.Data, _node.Data.Offset, link.CloseMessage);
        }

        if (wasStreaming)
        {
            DownSinceUtc = now.UtcMilliseconds;
            if (now.Milliseconds - _streamingSince >= _node.Settings.ReconnectDelay)
            {
                // A link that held for a while is tried again at once; one that breaks as soon as it is up is not.
                _backoff.Reset();
            }
        }

        ScheduleRetry(link.ClosedFor, link.CloseMessage, now);
    }

    /// <summary>The node follows this master no longer.</summary>
    public void Stop(CloseReason reason, Moment now)
    {
        if (IsStopped)
        {
            return;
        }

        bool wasUp = State == ReplicationLinkState.Streaming;
        IsStopped = true;
        Link?.Close(reason, "The node follows this master no longer.", now);
        Signal.Set();
        _node.Events.LinkStopped(Target, reason, wasUp);
    }

    private void ScheduleRetry(CloseReason reason, string message, Moment now)
    {
        DownReason = message;
        if (IsStopped)
        {
            return;
        }

        _node.Counters.LinkFailures++;
        long pause = _backoff.Next(_node.Settings.ReconnectDelay);
        NextAttemptAt = now.Milliseconds + pause;
        _node.Events.LinkDown(Target, reason, message, pause);
        Signal.Set();
    }
}
