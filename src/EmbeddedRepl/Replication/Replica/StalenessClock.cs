namespace EmbeddedRepl.Replication.Replica;

/// <summary>
/// Knows as of when a replica has everything that its master had. Each heartbeat says what the master had when it left; as soon as the
/// replica has applied that much, it was current as of the moment in which the heartbeat left. Nothing else proves it: a piece of stream says
/// what is new, not what else the master has. Changed under the gate, read by anybody without it.
/// </summary>
internal sealed class StalenessClock
{
    /// <summary>Heartbeats that may wait until what they announced is applied. Further ones are passed over until there is room: then the staleness is overstated.</summary>
    public const int MarkCapacity = 64;

    /// <summary>
    /// Heartbeats of this connection that are compared to find out how long the last one was under way. A replica that was frozen finds old ones in its socket, and they must
    /// not look new; and a master's clock that is set back, or runs slowly, is forgotten after as many.
    /// </summary>
    public const int DelayWindow = 16;

    private const long Always = long.MaxValue;
    private const long Never = long.MinValue;

    private readonly Queue<(long EndOffset, long SentAt)> _marks = new();
    private readonly long[] _delays = new long[DelayWindow];
    private int _heartbeats;
    private long _currentAsOf = Never;

    /// <summary>This node is a master: it is what others are compared with.</summary>
    public void BecomeMaster() => Volatile.Write(ref _currentAsOf, Always);

    /// <summary>
    /// This node follows a master, or another one. A replica keeps what it knows, because it keeps its data; a master that was demoted was never
    /// current with anybody.
    /// </summary>
    public void Follow()
    {
        Connect();
        if (_currentAsOf == Always)
        {
            Volatile.Write(ref _currentAsOf, Never);
        }
    }

    /// <summary>A connection to the master is open. What was heard on another one may be about another history, by another clock.</summary>
    public void Connect()
    {
        _marks.Clear();
        _heartbeats = 0;
    }

    /// <summary>The data was replaced by what the present connection brought, or by that of a file.</summary>
    public void Replace()
    {
        if (_currentAsOf != Always)
        {
            Volatile.Write(ref _currentAsOf, Never);
        }
    }

    /// <summary>The master had exactly this when the full sync began.</summary>
    public void SyncBegins(long endOffset, Moment now) => Mark(endOffset, now.Milliseconds);

    /// <summary>A heartbeat came; follow it with <see cref="Applied"/> if the node serves the master's history.</summary>
    /// <param name="masterUtc">The master's clock when it left, in milliseconds.</param>
    /// <param name="masterEnd">What the master had then.</param>
    /// <param name="now">The present.</param>
    public void HeartbeatReceived(long masterUtc, long masterEnd, Moment now)
    {
        // How long it was under way, plus a constant that nobody knows: the difference of two clocks. The least of them was the fastest.
        _delays[_heartbeats++ % DelayWindow] = now.Milliseconds - masterUtc;
        long least = long.MaxValue;
        foreach (long delay in _delays.AsSpan(0, Math.Min(_heartbeats, DelayWindow)))
        {
            least = Math.Min(least, delay);
        }

        Mark(masterEnd, masterUtc + least);
    }

    /// <summary>What this node serves of its master's history reaches so far.</summary>
    public void Applied(long offset)
    {
        while (_marks.TryPeek(out (long EndOffset, long SentAt) mark) && mark.EndOffset <= offset)
        {
            _marks.Dequeue();
            if (mark.SentAt > _currentAsOf)
            {
                Volatile.Write(ref _currentAsOf, mark.SentAt);
            }
        }
    }

    /// <summary>Whether the staleness is at most this; always on a master. Any thread, without the gate.</summary>
    public bool IsWithin(long milliseconds, long nowMilliseconds)
    {
        long asOf = Volatile.Read(ref _currentAsOf);
        return asOf == Always || (asOf != Never && nowMilliseconds - asOf <= milliseconds);
    }

    /// <summary>Null on a master, and if this node is not known ever to have been current. Any thread, without the gate.</summary>
    public TimeSpan? At(long nowMilliseconds)
    {
        long asOf = Volatile.Read(ref _currentAsOf);
        return asOf is Always or Never ? null : TimeSpan.FromMilliseconds(Math.Max(0, nowMilliseconds - asOf));
    }

    private void Mark(long endOffset, long sentAt)
    {
        if (_marks.Count < MarkCapacity)
        {
            _marks.Enqueue((endOffset, sentAt));
        }
    }
}
