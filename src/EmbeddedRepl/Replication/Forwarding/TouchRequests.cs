using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>
/// Reads of sliding entries on the nodes below. A master takes each as a read of its own, so that those of all nodes are coalesced with each other; a
/// replica passes them up as they are, older by the time that they waited. Under the gate.
/// </summary>
internal sealed class TouchRequests(NodeCore node)
{
    /// <summary>How many processes are remembered. When there are more, all are forgotten: a late touch then counts, which can only keep an entry longer.</summary>
    public const int MaxOriginators = 4_096;

    /// <summary>
    /// So many touches from below are here at a time, and <see cref="MaxRelayedBytes"/> of their keys. Then those are forgotten that were passed up longest ago, and if there are none, the oldest
    /// that wait are dropped.
    /// </summary>
    public const int MaxRelayed = 65_536;

    /// <inheritdoc cref="MaxRelayed"/>
    public const long MaxRelayedBytes = 4 << 20;

    private const long Slack = 2_000;

    private readonly Dictionary<RunId, long> _newestSessions = [];
    private Queue<RelayedTouch> _relayed = new();
    private Queue<RelayedTouch> _passedUp = new();
    private readonly TouchBatch _batch = new();
    private long _keyBytes;
    private long _silenceLimit = node.Settings.LinkTimeout;

    /// <summary>Touches that wait to be passed up.</summary>
    public int Relayed => _relayed.Count;

    /// <summary>Touches that were passed up, and may have to be again.</summary>
    public int PassedUp => _passedUp.Count;

    /// <summary>
    /// How long a touch is remembered that was passed up, in milliseconds. If it never arrives, nothing that is sent after it does, so that the node above has closed the link when it was silent for too long, and this
    /// one has noticed after as long again; both look at their clocks now and then.
    /// </summary>
    private long Remembered => (2 * _silenceLimit) + Slack;

    /// <summary>Takes a frame from below.</summary>
    public void Receive(in TouchRequestFrame frame, Moment now)
    {
        if (IsOvertaken(frame.Originator, frame.Session))
        {
            node.Counters.TouchesDropped += frame.Touches.Count;
            return;
        }

        node.Counters.TouchesReceived += frame.Touches.Count;
        foreach (KeyTouch touch in frame.Touches)
        {
            if (node.Role == ReplicationRole.Master)
            {
                Apply(touch, waited: 0, now);
            }
            else
            {
                Keep(new RelayedTouch(frame.Originator, frame.Session, touch, now.Milliseconds));
            }
        }

        if (_relayed.Count > 0)
        {
            node.Upstream?.Link?.Signal.Set();
        }
    }

    /// <summary>Writes what waits, as much as fits well into one send.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="budget">About how many bytes of keys.</param>
    /// <param name="silenceLimit">After how many milliseconds without a word the link is given up.</param>
    /// <param name="now">The present.</param>
    /// <returns>Whether there was anything.</returns>
    public bool Write(IBufferWriter<byte> output, int budget, long silenceLimit, Moment now)
    {
        _silenceLimit = silenceLimit;
        ForgetWhatArrived(now);
        bool wrote = false;
        while (budget > 0 && _relayed.TryPeek(out RelayedTouch first))
        {
            while (_relayed.TryPeek(out RelayedTouch next)
                && next.Originator == first.Originator && next.Session == first.Session && _batch.HasRoomFor(next.Touch.Key.Length))
            {
                _batch.Add(next.Touch with { AgeMs = Older(next.Touch.AgeMs, now.Milliseconds - next.ArrivedAt) });
                budget -= next.Touch.Key.Length;
                _passedUp.Enqueue(_relayed.Dequeue() with { PassedUpAt = now.Milliseconds });
            }

            node.Counters.TouchesSent += _batch.Count;
            wrote |= _batch.WriteTo(output, first.Originator, first.Session);
        }

        return wrote;
    }

    /// <summary>
    /// The link up is over. What was on the way is passed up again over the next one, with its age: those who told it do not know of this link. A touch never shortens, so it does no harm twice.
    /// </summary>
    public void LinkLost(Moment now)
    {
        ForgetWhatArrived(now);
        for (int waiting = _relayed.Count; waiting > 0; waiting--)
        {
            _passedUp.Enqueue(_relayed.Dequeue());
        }

        (_relayed, _passedUp) = (_passedUp, _relayed);
    }

    /// <summary>The store is about to be replaced.</summary>
    /// <param name="goesOn">Whether the new data contains the history of the old, so that versions mean the same.</param>
    public void Swapping(bool goesOn)
    {
        if (!goesOn)
        {
            _relayed.Clear();
            _passedUp.Clear();
            _keyBytes = 0;
        }
    }

    /// <summary>This node became a master, and its link is over: what it would have passed up is for itself, and so is what the master before it may not have taken.</summary>
    public void Promoted(Moment now)
    {
        while (_relayed.TryPeek(out RelayedTouch relayed))
        {
            Apply(relayed.Touch, now.Milliseconds - relayed.ArrivedAt, now);
            RemoveFirst(_relayed);
        }
    }

    private void Apply(in KeyTouch touch, long waited, Moment now)
    {
        CacheStore store = node.Data.Store;
        store.ExtendAt(store.MakeKey(touch.Key.Span), touch.Version, now.UtcMilliseconds - Older(touch.AgeMs, waited));
    }

    private void Keep(in RelayedTouch relayed)
    {
        _relayed.Enqueue(relayed);
        _keyBytes += relayed.Touch.Key.Length;
        while (_relayed.Count + _passedUp.Count > MaxRelayed || _keyBytes > MaxRelayedBytes)
        {
            bool wasPassedUp = _passedUp.Count > 0;
            RemoveFirst(wasPassedUp ? _passedUp : _relayed);
            node.Counters.TouchesDropped += wasPassedUp ? 0 : 1;
        }
    }

    private void ForgetWhatArrived(Moment now)
    {
        while (_passedUp.TryPeek(out RelayedTouch first) && now.Milliseconds - first.PassedUpAt >= Remembered)
        {
            RemoveFirst(_passedUp);
        }
    }

    private void RemoveFirst(Queue<RelayedTouch> touches) => _keyBytes -= touches.Dequeue().Touch.Key.Length;

    /// <summary>Whether something came over a newer link of that process already: this is from one that it has given up, and is older than it says.</summary>
    private bool IsOvertaken(RunId originator, long session)
    {
        if (_newestSessions.TryGetValue(originator, out long newest) && session <= newest)
        {
            return session < newest;
        }

        if (_newestSessions.Count >= MaxOriginators)
        {
            _newestSessions.Clear();
        }

        _newestSessions[originator] = session;
        return false;
    }

    /// <summary>An age comes from a peer and may be anything.</summary>
    private static long Older(long age, long waited) => Math.Min(age, EntryExpiration.MaxDeadline) + Math.Max(0, waited);
}
