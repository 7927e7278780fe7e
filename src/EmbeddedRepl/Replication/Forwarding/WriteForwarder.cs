using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>
/// The requests that callers on this node have made and that have not ended: which may be sent, which were sent, which were answered. A request is sent
/// once, over one link, or never; <c>DESIGN.md</c> beside this file says how each can end. Under the gate.
/// </summary>
internal sealed class WriteForwarder(NodeCore node)
{
    private readonly LinkedList<ForwardedWrite> _all = new();
    private readonly Queue<ForwardedWrite> _waiting = new();
    private readonly Dictionary<long, ForwardedWrite> _unanswered = [];
    private readonly Queue<ForwardedWrite> _answered = new();
    private long _session;
    private long _lastNumber;
    private long _heldBytes;

    /// <summary>Counts the links over which this process has sent something up, for whoever must tell the newer from the older.</summary>
    public long Session => _session;

    /// <summary>Requests that have not ended.</summary>
    public int Count => _all.Count;

    /// <summary>Whether somebody waits for this node to apply what the master has answered.</summary>
    public bool AwaitsPosition => _answered.Count > 0;

    /// <summary>When the next request runs out of time, in milliseconds of the monotonic clock; <see cref="long.MaxValue"/> if there is none.</summary>
    public long NextDeadline => _all.First?.Value.Deadline ?? long.MaxValue;

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

        if (_all.Count >= node.Settings.MaxForwardedWrites)
        {
            node.Counters.WritesRefused++;
            throw new ReplicatedCacheException(
                $"{_all.Count} writes are being forwarded already, which is the most that MaxForwardedWrites allows. Nothing was written.");
        }

        write.BegunAt = now.Milliseconds;
        write.Deadline = now.Milliseconds + node.Settings.ForwardTimeout;
        write.Place = _all.AddLast(write);
        _waiting.Enqueue(write);
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
            if (reply.Status is WriteStatus.Applied or WriteStatus.Unchanged)
            {
                _answered.Enqueue(write);
                Advanced();
            }
            else
            {
                Finish(write, reply.Status == WriteStatus.Unknown ? ForwardedWriteEnd.Unknown : ForwardedWriteEnd.Refused);
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

    /// <summary>This node has applied more, or goes on with other data or under another id: who waited for it may have it now.</summary>
    public void Advanced()
    {
        while (_answered.TryPeek(out ForwardedWrite? write))
        {
            if (write.State != ForwardedWriteState.Ended)
            {
                switch (Look(write))
                {
                    case PositionState.Ahead:
                        return;
                    case PositionState.Gone:
                        Finish(write, ForwardedWriteEnd.NotHere, "The master applied the write, and this node then went on with data that does not contain it.");
                        break;
                    default:
                        Finish(write, ForwardedWriteEnd.Done);
                        break;
                }
            }

            _answered.Dequeue();
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
        while (_waiting.TryDequeue(out ForwardedWrite? write))
        {
            write.ReleaseBytes();
            Finish(write, ForwardedWriteEnd.NotSent, $"The link to the master ended before the write was sent: {reason}");
        }
    }

    /// <summary>Time passed: requests whose time is over end.</summary>
    public void Tick(Moment now)
    {
        while (_all.First is { } first && first.Value.Deadline <= now.Milliseconds)
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
    }

    /// <summary>The caller gives up; no effect if it has ended. What was sent may be applied all the same.</summary>
    public void Cancel(ForwardedWrite write) => Finish(write, ForwardedWriteEnd.Cancelled);

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

    private PositionState Look(ForwardedWrite write)
    {
        DataSet data = node.Data;
        if (data.History.Contains(write.Id, write.Offset))
        {
            return data.Offset >= write.Offset ? PositionState.Here : PositionState.Ahead;
        }

        // An id that is not known here may be one that the news has not come down of; a position past the end of a line that was left is lost.
        return data.History.TryFindAncestor(write.Id, out _) ? PositionState.Gone : PositionState.Ahead;
    }

    /// <param name="isBegun">Whether the caller of <see cref="Begin"/> sees to it that what is admitted gets sent.</param>
    private void Admit(bool isBegun = false)
    {
        while (_waiting.TryPeek(out ForwardedWrite? write))
        {
            if (write.State == ForwardedWriteState.Ended)
            {
                write.ReleaseBytes();
            }
            else if (_unanswered.Count > 0 && _heldBytes + write.Length > node.Settings.ForwardBufferSize)
            {
                return;
            }
            else
            {
                write.Enqueue(++_lastNumber);
                _heldBytes += write.Length;
                _unanswered.Add(write.Number, write);
                node.Uplink.Add(write, _session, wakes: !isBegun);
            }

            _waiting.Dequeue();
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
            write.Place = null;
            _all.Remove(place);
        }

        node.Counters.CountForwarded(end);
        write.Finish(end, message);
    }

    private enum PositionState
    {
        Here,
        Ahead,
        Gone,
    }
}
