using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>
/// The requests that callers on this node have made and that have not ended: which may be sent, which were sent, which were answered. A request is sent
/// once, over one link, or never; <c>DESIGN.md</c> beside this file says how each can end. Under the gate.
/// </summary>
internal sealed class WriteForwarder(NodeCore node)
{
    /// <summary>In the order of their calls.</summary>
    private readonly LinkedList<ForwardedWrite> _all = new();

    /// <summary>By number, what may be sent or was; also what has ended meanwhile, as long as its answer can come.</summary>
    private readonly Dictionary<long, ForwardedWrite> _unanswered = [];

    /// <summary>Answered with a place on this node's present line that it has not reached, in the order of these places.</summary>
    private readonly Queue<ForwardedWrite> _answered = new();

    /// <summary>Answered with an id that is not known here, at least not yet.</summary>
    private readonly HashSet<ForwardedWrite> _elsewhere = [];

    /// <summary>The first one in <see cref="_all"/> that there is no room for; all after it wait, too.</summary>
    private LinkedListNode<ForwardedWrite>? _firstWaiting;
    private long _session;
    private long _lastNumber;
    private long _heldBytes;

    /// <summary>Counts the links over which this process has sent something up, for whoever must tell the newer from the older.</summary>
    public long Session => _session;

    /// <summary>Requests that have not ended.</summary>
    public int Count => _all.Count;

    /// <summary>Whether somebody waits for this node to apply what the master has answered.</summary>
    public bool AwaitsPosition => _answered.Count > 0;

    /// <summary>Requests whose answer can still come, given up ones included.</summary>
    public int Unanswered => _unanswered.Count;

    /// <summary>Another link is up: its requests are told apart from those of links before it.</summary>
    public void LinkUp() => _session++;

    /// <summary>Begins a request: it is sent as soon as there is room. The caller wakes whoever sends, or sends.</summary>
    /// <exception cref="MasterUnreachableException">There is no link over which it could go; nothing was written.</exception>
    /// <exception cref="NodeStoppedException">This node stops; nothing was written.</exception>
    /// <exception cref="ReplicatedCacheException">Too many callers wait already; nothing was written.</exception>
    public void Begin(ForwardedWrite write, Moment now)
    {
        if (node.IsDraining)
        {
            throw new NodeStoppedException();
        }

        if (node.WhyNothingCanBeForwarded is { } reason)
        {
            node.Counters.WritesRefused++;
            throw new MasterUnreachableException($"{reason} Nothing was written.");
        }

        // Those that were given up count as long as they are remembered: with a master that does not answer, they would become ever more.
        int count = Math.Max(_all.Count, _unanswered.Count);
        if (count >= node.Settings.MaxForwardedWrites)
        {
            node.Counters.WritesRefused++;
            throw new ReplicatedCacheException(
                $"{count} writes are being forwarded already, which is the most that MaxForwardedWrites allows. Nothing was written.");
        }

        write.BegunAt = now.Milliseconds;
        write.Place = _all.AddLast(write);
        _firstWaiting ??= write.Place;
        Admit(isBegun: true);
    }

    /// <summary>An answer came down.</summary>
    public void Answered(in WriteReplyFrame reply)
    {
        // One that is not awaited any more was given up by its caller, or belongs to a link that is over.
        if (reply.Session != _session || !_unanswered.Remove(reply.RequestNumber, out ForwardedWrite? write))
        {
            return;
        }

        _heldBytes -= write.Length;
        if (write.State != ForwardedWriteState.Ended)
        {
            write.Answer(reply);
            switch (reply.Status)
            {
                case WriteStatus.Applied or WriteStatus.Unchanged or WriteStatus.Conflict:
                    // A conflict, too, is told only when this node has what conflicts, so that its caller reads it.
                    Await(write);
                    break;
                case WriteStatus.TooFewReplicas or WriteStatus.NoMaster or WriteStatus.TooLarge or WriteStatus.Fenced or WriteStatus.Refused:
                    Finish(write, ForwardedWriteEnd.Refused);
                    break;
                default:
                    // Also what a later version may answer: nothing must be said about it that nobody knows.
                    Finish(write, ForwardedWriteEnd.Unknown);
                    break;
            }
        }

        Admit();
    }

    /// <summary>A request that had ended before anything of it was sent is not sent: no answer will come.</summary>
    public void Dropped(ForwardedWrite write)
    {
        if (_unanswered.Remove(write.Number))
        {
            _heldBytes -= write.Length;
            Admit();
        }
    }

    /// <summary>This node has applied more of its line: who waited for it may have it now.</summary>
    public void Advanced()
    {
        while (_answered.TryPeek(out ForwardedWrite? write) && (write.State == ForwardedWriteState.Ended || write.Offset <= node.Data.Offset))
        {
            _answered.Dequeue();
            Finish(write, ForwardedWriteEnd.Done);
        }
    }

    /// <summary>This node goes on under another id or with other data: what was answered is looked for anew.</summary>
    public void HistoryChanged()
    {
        ForwardedWrite[] answered = [.. _answered.Concat(_elsewhere).OrderBy(write => write.Number)];
        _answered.Clear();
        _elsewhere.Clear();
        foreach (ForwardedWrite write in answered)
        {
            if (write.State != ForwardedWriteState.Ended)
            {
                Await(write);
            }
        }
    }

    /// <summary>The link is over. What was sent and not answered has an unknown outcome; what was not sent ends unsent.</summary>
    public void LinkLost(string reason)
    {
        foreach (ForwardedWrite write in _unanswered.Values)
        {
            Finish(
                write,
                write.SentBytes == 0 ? ForwardedWriteEnd.NotSent : ForwardedWriteEnd.Unknown,
                write.SentBytes == 0 ? $"The link to the master ended before the write was sent: {reason}" : $"The link to the master ended before it answered: {reason}");
        }

        _unanswered.Clear();
        _heldBytes = 0;
        while (_firstWaiting is { } waiting)
        {
            Finish(waiting.Value, ForwardedWriteEnd.NotSent, $"The link to the master ended before the write was sent: {reason}");
        }
    }

    /// <summary>Time passed: requests whose time is over end.</summary>
    public void Tick(Moment now)
    {
        // Counted from the call with the time-out of now, so that they end in the order of their calls when it is changed.
        while (_all.First is { } first && first.Value.BegunAt + node.Settings.ForwardTimeout <= now.Milliseconds)
        {
            ForwardedWrite write = first.Value;
            switch (write.State)
            {
                case ForwardedWriteState.Answered:
                    Finish(write, ForwardedWriteEnd.NotHere, "The master applied the write, and this node did not get it within ForwardTimeout.");
                    break;
                case ForwardedWriteState.Waiting:
                case ForwardedWriteState.Queued when write.SentBytes == 0:
                    Finish(write, ForwardedWriteEnd.NotSent, "The write could not be sent within ForwardTimeout, because too much was waiting before it.");
                    break;
                default:
                    Finish(write, ForwardedWriteEnd.Unknown, "The master did not answer within ForwardTimeout.");
                    break;
            }
        }

        Admit();
    }

    /// <summary>The caller gives up; no effect if it has ended. What was sent may be applied all the same.</summary>
    public void Cancel(ForwardedWrite write)
    {
        Finish(write, ForwardedWriteEnd.Cancelled);
        Admit();
    }

    /// <summary>This node stops. The link has been closed before.</summary>
    public void Stop()
    {
        while (_all.First is { } first)
        {
            Finish(
                first.Value,
                first.Value.State == ForwardedWriteState.Answered ? ForwardedWriteEnd.NotHere : ForwardedWriteEnd.Stopped,
                "The master applied the write, and this node was stopped before it got it.");
        }
    }

    /// <summary>The master has it: ends the request if this node has it, too, or never will.</summary>
    private void Await(ForwardedWrite write)
    {
        switch (node.Data.Find(new StreamPosition(write.Id, write.Offset)))
        {
            case PositionVerdict.Reached:
                Finish(write, ForwardedWriteEnd.Done);
                break;
            case PositionVerdict.Ahead:
                _answered.Enqueue(write);
                break;
            case PositionVerdict.Unknown when node.Role == ReplicationRole.Replica:
                // An id that the news has not come down of; or this node follows another master since, and nobody knows whether it ever meets this one.
                _elsewhere.Add(write);
                break;
            default:
                Finish(write, ForwardedWriteEnd.NotHere, "The master applied the write, and this node then went on with data that does not contain it.");
                break;
        }
    }

    /// <param name="isBegun">Whether the caller of <see cref="Begin"/> sees to it that what is admitted gets sent.</param>
    private void Admit(bool isBegun = false)
    {
        while (_firstWaiting is { } place)
        {
            ForwardedWrite write = place.Value;
            if (_unanswered.Count > 0 && _heldBytes + write.Length > node.Settings.ForwardBufferSize)
            {
                return;
            }

            _firstWaiting = place.Next;
            write.Enqueue(++_lastNumber);
            _heldBytes += write.Length;
            _unanswered.Add(write.Number, write);
            node.Uplink.Add(write, _session, wakes: !isBegun);
        }
    }

    private void Finish(ForwardedWrite write, ForwardedWriteEnd end, string? message = null)
    {
        if (write.State == ForwardedWriteState.Ended)
        {
            return;
        }

        if (write.Place is { } place)
        {
            _firstWaiting = place == _firstWaiting ? place.Next : _firstWaiting;
            write.Place = null;
            _all.Remove(place);
        }

        if (write.SentBytes == 0)
        {
            // Nothing of it ever will be sent.
            write.ReleaseBytes();
        }

        _elsewhere.Remove(write);
        node.Counters.CountForwarded(end);
        write.Finish(end, message);
    }
}
