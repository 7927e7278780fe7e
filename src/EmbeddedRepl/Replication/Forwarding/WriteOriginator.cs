using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>
/// What a node knows of one process whose requests reach it: the newest request, the way by which it came, and what of it is not complete. Under the gate.
/// </summary>
internal sealed class WriteOriginator
{
    private ArrayBufferWriter<byte>? _pending;

    /// <summary>The session of the newest request, as its process counts them.</summary>
    public long Session { get; private set; } = -1;

    /// <summary>The newest request.</summary>
    public long Number { get; private set; } = -1;

    /// <summary>Over which session it came; null when that is over.</summary>
    public MasterSession? Way { get; private set; }

    /// <summary>Whether frames of the newest request are still to come.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether the newest request has been answered already, and what still comes of it is passed over.</summary>
    public bool IsDropped { get; private set; }

    /// <summary>What was passed on and is not answered.</summary>
    public HashSet<long> PassedOn { get; } = [];

    /// <summary>Where the master's stream ended when it began to apply the newest request.</summary>
    public long BeganAt { get; private set; }

    /// <summary>Counts up with every request of anybody, to find out who was silent for longest.</summary>
    public long LastUsed { get; set; }

    /// <summary>Bytes of an operation that has not arrived whole.</summary>
    public int PendingBytes => _pending?.WrittenCount ?? 0;

    public ReadOnlyMemory<byte> Pending => _pending?.WrittenMemory ?? default;

    /// <summary>Whether a frame is of a newer request than the newest.</summary>
    public bool IsFollowedBy(in WriteRequestFrame frame) => frame.Session >= Session && frame.RequestNumber > Number;

    /// <summary>
    /// Takes a frame, if it is the next one of the newest request or the first one of a newer request. Whatever else comes was overtaken: it is from a
    /// connection that its sender has given up.
    /// </summary>
    public bool TryAdvance(MasterSession way, in WriteRequestFrame frame, long offset)
    {
        if (frame.Session == Session && frame.RequestNumber == Number)
        {
            if (!IsOpen || Way != way)
            {
                return false;
            }
        }
        else if (IsFollowedBy(frame))
        {
            Begin(way, frame, offset);
        }
        else
        {
            return false;
        }

        IsOpen = !frame.IsLast;
        return true;
    }

    /// <summary>Keeps the rest of a frame until the next one has come.</summary>
    public void Keep(ReadOnlySpan<byte> rest) => (_pending ??= new ArrayBufferWriter<byte>()).Write(rest);

    /// <summary>Replaces what is kept by its own end.</summary>
    public void Consume(int bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        byte[] rest = Pending[bytes..].ToArray();
        _pending = null;
        if (rest.Length > 0)
        {
            Keep(rest);
        }
    }

    /// <summary>The newest request has been answered, or nobody waits for its answer: the rest of it is passed over.</summary>
    public void Drop()
    {
        IsDropped = true;
        _pending = null;
    }

    /// <summary>The session by which it came is over.</summary>
    public void WayEnded()
    {
        Way = null;
        PassedOn.Clear();
        Drop();
    }

    private void Begin(MasterSession way, in WriteRequestFrame frame, long offset)
    {
        if (Way != way)
        {
            // Answers to what came the other way are for nobody.
            PassedOn.Clear();
        }

        Way = way;
        Session = frame.Session;
        Number = frame.RequestNumber;
        BeganAt = offset;
        IsDropped = false;
        _pending = null;
    }
}
