using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EmbeddedRepl.Replication.Master;

/// <summary>
/// The callers that wait for acknowledgements. Waits for the same number of replicas stand in one line, in the order of their offsets (the offset
/// of a master only grows), so that an acknowledgement looks at the heads of the lines and never at all waits. Under the gate.
/// </summary>
internal sealed class AckWaits(NodeCore node)
{
    /// <summary>How many may wait at a time. One more is refused: whoever has so many callers waiting needs fewer of them, not more memory.</summary>
    public const int Capacity = 16_384;

    private readonly Dictionary<int, LinkedList<AckWait>> _lines = [];
    private readonly List<long> _acked = [];
    private readonly List<AckWait> _ending = [];
    private long _nextDeadline = long.MaxValue;

    public int Count { get; private set; }

    /// <summary>When the next wait runs out of time, in milliseconds of the monotonic clock, or earlier.</summary>
    public long NextDeadline => Count == 0 ? long.MaxValue : _nextDeadline;

    /// <summary>Begins a wait. One that has nothing to wait for ends at once.</summary>
    /// <exception cref="ReplicatedCacheException">Too many callers wait already.</exception>
    public void Begin(AckWait wait, Moment now)
    {
        CollectAcked();
        int reached = CountAt(wait.Offset);
        if (reached >= wait.Count || wait.Deadline <= now.Milliseconds)
        {
            wait.End(reached >= wait.Count ? AckWaitState.Reached : AckWaitState.TimedOut, reached);
            return;
        }

        if (Count >= Capacity)
        {
            throw new ReplicatedCacheException($"{Count} callers wait for acknowledgements already, which is the most that is allowed. Wait for several writes at once.");
        }

        ref LinkedList<AckWait>? line = ref CollectionsMarshal.GetValueRefOrAddDefault(_lines, wait.Count, out _);
        line ??= [];
        Debug.Assert(line.Last is null || line.Last.Value.Offset <= wait.Offset, "The offset of a master never goes back while somebody waits.");
        wait.Place = line.AddLast(wait);
        Count++;
        _nextDeadline = Math.Min(_nextDeadline, wait.Deadline);
    }

    /// <summary>A replica acknowledged more.</summary>
    public void Acked()
    {
        if (Count == 0)
        {
            return;
        }

        CollectAcked();
        foreach ((int count, LinkedList<AckWait> line) in _lines)
        {
            long reached = count <= _acked.Count ? _acked[count - 1] : -1;
            while (line.First is { } first && first.Value.Offset <= reached)
            {
                line.RemoveFirst();
                _ending.Add(first.Value);
            }
        }

        EndCollected(AckWaitState.Reached);
    }

    /// <summary>Time passed: waits whose time is over end with what was reached.</summary>
    public void Tick(Moment now)
    {
        if (now.Milliseconds < NextDeadline)
        {
            return;
        }

        CollectAcked();
        _nextDeadline = long.MaxValue;
        foreach (LinkedList<AckWait> line in _lines.Values)
        {
            for (LinkedListNode<AckWait>? each = line.First; each is not null;)
            {
                LinkedListNode<AckWait>? next = each.Next;
                if (each.Value.Deadline <= now.Milliseconds)
                {
                    line.Remove(each);
                    _ending.Add(each.Value);
                }
                else
                {
                    _nextDeadline = Math.Min(_nextDeadline, each.Value.Deadline);
                }

                each = next;
            }
        }

        EndCollected(AckWaitState.TimedOut);
    }

    /// <summary>The caller gives up; no effect if the wait has ended.</summary>
    public void Cancel(AckWait wait)
    {
        if (wait.Place is { } place)
        {
            CollectAcked();
            place.List!.Remove(place);
            _ending.Add(wait);
            EndCollected(AckWaitState.Cancelled);
        }
    }

    /// <summary>
    /// A recovery replaced the data set: whoever waits, wrote nothing, because that is possible only afterwards. So the replicas must have what there is now, and
    /// are not measured by an offset of other data.
    /// </summary>
    public void MoveAllTo(long offset)
    {
        foreach (LinkedList<AckWait> line in _lines.Values)
        {
            foreach (AckWait wait in line)
            {
                wait.MoveTo(offset);
            }
        }
    }

    /// <summary>Nothing can be reached any more: everybody is released.</summary>
    public void EndAll(AckWaitState state)
    {
        CollectAcked();
        foreach (LinkedList<AckWait> line in _lines.Values)
        {
            _ending.AddRange(line);
            line.Clear();
        }

        EndCollected(state);
    }

    private void EndCollected(AckWaitState state)
    {
        foreach (AckWait wait in _ending)
        {
            Count--;
            wait.Place = null;
            wait.End(state, CountAt(wait.Offset));
        }

        _ending.Clear();
        if (Count == 0)
        {
            _lines.Clear();
            _nextDeadline = long.MaxValue;
        }
    }

    /// <summary>What the replicas that follow this history have acknowledged, the most advanced one first.</summary>
    private void CollectAcked()
    {
        _acked.Clear();
        foreach (MasterSession session in node.Sessions)
        {
            if (session.IsSynced)
            {
                _acked.Add(session.AckedOffset);
            }
        }

        _acked.Sort(static (a, b) => b.CompareTo(a));
    }

    private int CountAt(long offset)
    {
        int count = 0;
        while (count < _acked.Count && _acked[count] >= offset)
        {
            count++;
        }

        return count;
    }
}
