using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Replication;

/// <summary>
/// The callers that wait until this node has a position. Those whose position is on the node's line stand in the order of their offsets, so that a piece of stream looks at the first one and
/// never at all waits; the others are looked at when the history or the data changes. Positions come from outside, so whatever they are, a wait can be taken out again. Under the gate.
/// </summary>
internal sealed class PositionWaits(NodeCore node)
{
    /// <summary>How many may wait at a time. One more is refused: whoever has so many callers waiting needs fewer of them, not more memory.</summary>
    public const int Capacity = 16_384;

    /// <summary>Those on the present line, the nearest first.</summary>
    private readonly SortedSet<PositionWait> _ahead = new(Comparer<PositionWait>.Create(
        static (a, b) => a.Position.Offset != b.Position.Offset ? a.Position.Offset.CompareTo(b.Position.Offset) : a.Number.CompareTo(b.Number)));

    /// <summary>All of them, the one whose time is over next first.</summary>
    private readonly SortedSet<PositionWait> _all = new(Comparer<PositionWait>.Create(
        static (a, b) => a.Deadline != b.Deadline ? a.Deadline.CompareTo(b.Deadline) : a.Number.CompareTo(b.Number)));

    private long _lastNumber;
    private bool _lineMayChange;

    public int Count => _all.Count;

    /// <summary>Where this node must have come for the next wait to end; <see cref="long.MaxValue"/> if none waits on its line.</summary>
    public long NextOffset { get; private set; } = long.MaxValue;

    /// <summary>When the next wait runs out of time, in milliseconds of the monotonic clock.</summary>
    public long NextDeadline => _all.Min?.Deadline ?? long.MaxValue;

    /// <summary>
    /// Whether other data may replace what is served without anybody doing anything further: a file, a recovery, or the master that this node was ordered to follow. What the
    /// present line has left may be on the line of that data.
    /// </summary>
    private bool LineMayChange => node.IsLoading
        || node.Recovery is not null
        || node.Upstream is { State: ReplicationLinkState.ReceivingSnapshot }
        || node.Upstream is { IsOrdered: true, State: not ReplicationLinkState.Streaming };

    /// <summary>Begins a wait. One that has nothing to wait for ends at once.</summary>
    /// <exception cref="NodeStoppedException">This node was stopped, and does not have the position.</exception>
    /// <exception cref="ReplicatedCacheException">Too many callers wait already.</exception>
    public void Begin(PositionWait wait, Moment now)
    {
        NoticeWhatMayCome();
        PositionVerdict verdict = node.Data.Find(wait.Position);
        if (EndOf(verdict) is { } end)
        {
            wait.End(end);
            return;
        }

        if (node.IsStopping)
        {
            throw new NodeStoppedException("This node was stopped, so it does not get what the token stands for any more.");
        }

        if (wait.Deadline <= now.Milliseconds)
        {
            wait.End(PositionWaitState.TimedOut);
            return;
        }

        if (Count >= Capacity)
        {
            throw new ReplicatedCacheException(
                $"{Count} callers wait for positions already, which is the most that is allowed. Wait with a shorter time-out, or once for several reads.");
        }

        wait.Number = ++_lastNumber;
        _all.Add(wait);
        if (verdict == PositionVerdict.Ahead)
        {
            _ahead.Add(wait);
            NextOffset = Math.Min(NextOffset, wait.Position.Offset);
        }
    }

    /// <summary>This node has come to <see cref="NextOffset"/>.</summary>
    public void Advanced()
    {
        while (_ahead.Min is { } first && first.Position.Offset <= node.Data.Offset)
        {
            Finish(first, PositionWaitState.Reached);
        }
    }

    /// <summary>This node goes on under another id, with other data, or certainly with the data it has: every position is looked for anew.</summary>
    public void LineChanged()
    {
        _lineMayChange = LineMayChange;
        if (Count == 0)
        {
            return;
        }

        _ahead.Clear();
        NextOffset = long.MaxValue;
        foreach (PositionWait wait in _all.ToArray())
        {
            PositionVerdict verdict = node.Data.Find(wait.Position);
            if (EndOf(verdict) is { } end)
            {
                Finish(wait, end);
            }
            else if (verdict == PositionVerdict.Ahead)
            {
                _ahead.Add(wait);
            }
        }

        NextOffset = _ahead.Min?.Position.Offset ?? long.MaxValue;
    }

    /// <summary>Time passed: waits whose time is over end.</summary>
    public void Tick(Moment now)
    {
        NoticeWhatMayCome();
        while (_all.Min is { } first && first.Deadline <= now.Milliseconds)
        {
            Finish(first, PositionWaitState.TimedOut);
        }
    }

    /// <summary>The caller gives up; no effect if the wait has ended.</summary>
    public void Cancel(PositionWait wait)
    {
        if (wait.State == PositionWaitState.Waiting)
        {
            Finish(wait, PositionWaitState.Cancelled);
        }
    }

    /// <summary>This node stops: everybody is released.</summary>
    public void Stop()
    {
        while (_all.Min is { } first)
        {
            Finish(first, PositionWaitState.Stopped);
        }
    }

    private void NoticeWhatMayCome()
    {
        bool mayChange = LineMayChange;
        if (_lineMayChange && !mayChange)
        {
            // What could have brought other data has failed, been given up, or come to nothing.
            LineChanged();
        }

        _lineMayChange = mayChange;
    }

    /// <summary>How a wait ends whose position lies there; null if it goes on.</summary>
    private PositionWaitState? EndOf(PositionVerdict verdict) => verdict switch
    {
        PositionVerdict.Reached => PositionWaitState.Reached,
        PositionVerdict.Left when !_lineMayChange => PositionWaitState.Left,
        _ => null,
    };

    private void Finish(PositionWait wait, PositionWaitState state)
    {
        _all.Remove(wait);
        if (_ahead.Remove(wait))
        {
            NextOffset = _ahead.Min?.Position.Offset ?? long.MaxValue;
        }

        wait.End(state);
    }
}
