using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>
/// The requests that come from below. A master applies them in order and answers; a replica passes them up its own link, and answers down the way they
/// came. Either refuses what was overtaken by a newer request of the same process, whichever way it came. Under the gate.
/// </summary>
internal sealed class WriteRequests(NodeCore node)
{
    /// <summary>How many processes are remembered. Those that are connected are never forgotten; one more is refused.</summary>
    public const int MaxOriginators = 4_096;

    /// <summary>How many requests of one process may be passed on and not answered: as many as it can have, whatever its MaxForwardedWrites.</summary>
    private const int MaxPassedOn = 1_000_000;

    /// <summary>More than an operation has besides its key and its value, in bytes.</summary>
    private const int OperationOverhead = 64;

    private readonly Dictionary<RunId, WriteOriginator> _originators = [];
    private long _clock;

    /// <summary>Bytes of operations that have not arrived whole, and requests that were passed on and are not answered.</summary>
    public (long Bytes, int PassedOn) Held => (_originators.Values.Sum(origin => (long)origin.PendingBytes), _originators.Values.Sum(origin => origin.PassedOn.Count));

    /// <summary>Takes a frame that came over a session.</summary>
    public void Receive(MasterSession way, in WriteRequestFrame frame, Moment now)
    {
        if (frame.Originator == node.RunId)
        {
            // Passed on, it would be answered to this node itself, and those through whom it came would wait for ever.
            AnswerLast(way, frame, WriteStatus.Fenced, "The write came back to the node where it was made: the links of these nodes closed a circle.");
            return;
        }

        if (Find(frame.Originator) is not { } origin)
        {
            AnswerLast(way, frame, WriteStatus.Refused, $"{MaxOriginators} processes send writes to this node already.");
            return;
        }

        if (origin.IsFollowedBy(frame) && origin.IsOpen)
        {
            // What comes now goes another way than the frames before it: nobody else would say that they are not completed.
            Abandon(origin, frame.Originator);
        }

        if (!origin.TryAdvance(way, frame, node.Data.Offset))
        {
            AnswerLast(way, frame, WriteStatus.Fenced, "A newer request of this process has been seen.");
            return;
        }

        if (origin.IsDropped)
        {
            return;
        }

        if (node.Role == ReplicationRole.Master)
        {
            Apply(origin, frame, now);
        }
        else
        {
            PassOn(origin, frame);
        }
    }

    /// <summary>An answer for a process below came down.</summary>
    public void PassDown(in WriteReplyFrame reply)
    {
        if (_originators.TryGetValue(reply.Originator, out WriteOriginator? origin) && origin.PassedOn.Remove(reply.RequestNumber))
        {
            if (reply.RequestNumber == origin.Number && origin.IsOpen)
            {
                // Answered before all of it has come: the rest is for nobody.
                origin.Drop();
            }

            origin.Way?.Answer(reply);
        }
    }

    /// <summary>This node's own link is over: nobody knows what became of what was passed on and not answered.</summary>
    public void LinkLost()
    {
        foreach ((RunId originator, WriteOriginator origin) in _originators)
        {
            foreach (long number in origin.PassedOn)
            {
                Answer(origin.Way, originator, number, WriteStatus.Unknown, "The link of a node on the way to the master ended before the answer came.");
            }

            origin.PassedOn.Clear();
            if (origin.IsOpen && !origin.IsDropped)
            {
                // Its first frames are gone, so the others must not go up the next link.
                origin.Drop();
            }
        }
    }

    /// <summary>This node is a master no longer: what it has only a part of is not applied.</summary>
    public void Demoted()
    {
        foreach ((RunId originator, WriteOriginator origin) in _originators)
        {
            if (origin.IsOpen && !origin.IsDropped)
            {
                Drop(origin, originator, WriteStatus.Refused, "This node became a replica before the write had arrived whole.");
            }
        }
    }

    /// <summary>A session is over: nothing that came over it is answered any more.</summary>
    public void SessionClosed(MasterSession session)
    {
        foreach ((RunId originator, WriteOriginator origin) in _originators)
        {
            if (origin.Way == session)
            {
                if (origin.IsOpen)
                {
                    Abandon(origin, originator);
                }

                origin.WayEnded();
            }
        }
    }

    private void PassOn(WriteOriginator origin, in WriteRequestFrame frame)
    {
        if (node.WhyNothingCanBeForwarded is { } reason)
        {
            Drop(origin, frame.Originator, WriteStatus.NoMaster, reason);
        }
        else if (!node.Uplink.HasRoomFor(frame.Operations.Length) || origin.PassedOn.Count >= MaxPassedOn)
        {
            // A part of it may have gone up; an operation that was cut is never completed, so it is never applied.
            Abandon(origin, frame.Originator);
            Drop(origin, frame.Originator, WriteStatus.Refused, "A node on the way to the master holds as many forwarded writes as its ForwardBufferSize allows.");
        }
        else
        {
            origin.PassedOn.Add(frame.RequestNumber);
            node.Uplink.Add(frame);
        }
    }

    private void Apply(WriteOriginator origin, in WriteRequestFrame frame, Moment now)
    {
        try
        {
            if (origin.PendingBytes == 0 && frame.Operations.IsSingleSegment)
            {
                // The usual case: whole operations in one piece of memory.
                int consumed = ForwardedOperations.Apply(node, frame.Operations.First, now);
                if (consumed < frame.Operations.Length && !origin.IsDropped)
                {
                    Keep(origin, frame.Operations.Slice(consumed));
                }
            }
            else
            {
                Keep(origin, frame.Operations);
                int consumed = ForwardedOperations.Apply(node, origin.Pending, now);
                if (!origin.IsDropped)
                {
                    origin.Consume(consumed);
                }
            }
        }
        catch (WriteRefusedException refusal)
        {
            Drop(origin, frame.Originator, refusal.Status, refusal.Message);
            return;
        }

        if (origin.IsDropped)
        {
            // What was applied has filled the output of the very replica that it came from, whose session is over: nobody hears an answer.
            return;
        }

        if (frame.IsLast && origin.PendingBytes > 0)
        {
            Drop(origin, frame.Originator, WriteStatus.Refused, "The write ends in the middle of an operation.");
        }
        else if (frame.IsLast)
        {
            // Others may have written between the frames of a request; then it counts as a change, and its caller waits a little longer than it would have to.
            Answer(
                origin.Way, frame.Originator, frame.RequestNumber, node.Data.Offset == origin.BeganAt ? WriteStatus.Unchanged : WriteStatus.Applied, "");
        }
    }

    private void Keep(WriteOriginator origin, in ReadOnlySequence<byte> bytes)
    {
        long others = 0;
        foreach (WriteOriginator other in _originators.Values)
        {
            others += other == origin ? 0 : other.PendingBytes;
        }

        long largest = OperationOverhead + node.Settings.MaxKeySize + (long)node.Settings.MaxValueSize;
        if (origin.PendingBytes > largest)
        {
            // Compared before the frame is added, because whole operations may follow the one that was cut.
            throw new WriteRefusedException(WriteStatus.TooLarge, $"The master takes keys up to {node.Settings.MaxKeySize} and values up to {node.Settings.MaxValueSize} bytes.");
        }

        // The first of them always has room, so one of any size that is allowed gets through.
        if (others > 0 && others + origin.PendingBytes + bytes.Length > Math.Max(node.Settings.ForwardBufferSize, largest))
        {
            throw new WriteRefusedException(WriteStatus.Refused, "The master is taking as many large writes at the same time as its ForwardBufferSize allows.");
        }

        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            origin.Keep(segment.Span);
        }
    }

    /// <summary>The newest request will not be completed: if a part of it was passed on, nodes further up are told.</summary>
    private void Abandon(WriteOriginator origin, RunId originator)
    {
        if (!origin.IsDropped && origin.PassedOn.Contains(origin.Number) && node.WhyNothingCanBeForwarded is null)
        {
            node.Uplink.Abandon(originator, origin.Session, origin.Number);
        }
    }

    private void Drop(WriteOriginator origin, RunId originator, WriteStatus status, string message)
    {
        Answer(origin.Way, originator, origin.Number, status, message);
        origin.PassedOn.Remove(origin.Number);
        origin.Drop();
    }

    private void AnswerLast(MasterSession way, in WriteRequestFrame frame, WriteStatus status, string message)
    {
        if (frame.IsLast)
        {
            way.Answer(new WriteReplyFrame(frame.Originator, frame.Session, frame.RequestNumber, status, node.Data.History.Id, node.Data.Offset, message));
        }
    }

    private void Answer(MasterSession? way, RunId originator, long number, WriteStatus status, string message) =>
        way?.Answer(new WriteReplyFrame(originator, _originators[originator].Session, number, status, node.Data.History.Id, node.Data.Offset, message));

    private WriteOriginator? Find(RunId id)
    {
        if (!_originators.TryGetValue(id, out WriteOriginator? origin))
        {
            if (_originators.Count >= MaxOriginators && !TryForgetOne())
            {
                return null;
            }

            _originators.Add(id, origin = new WriteOriginator());
        }

        origin.LastUsed = ++_clock;
        return origin;
    }

    private bool TryForgetOne()
    {
        RunId? silent = null;
        long lastUsed = long.MaxValue;
        foreach ((RunId id, WriteOriginator origin) in _originators)
        {
            if (origin.Way is null && origin.LastUsed < lastUsed)
            {
                silent = id;
                lastUsed = origin.LastUsed;
            }
        }

        return silent is { } found && _originators.Remove(found);
    }
}
