namespace EmbeddedRepl.Replication.Master;

/// <summary>One caller that waits until replicas have acknowledged an offset. Under the gate.</summary>
/// <param name="offset">What they must have applied.</param>
/// <param name="count">How many of them must have.</param>
/// <param name="deadline">When the wait ends anyway, in milliseconds of the monotonic clock; <see cref="long.MaxValue"/> for never.</param>
/// <param name="ended">Called once, under the gate: it must only pass the news on.</param>
internal sealed class AckWait(long offset, int count, long deadline, Action<AckWait> ended)
{
    public long Offset { get; private set; } = offset;

    public int Count { get; } = count;

    public long Deadline { get; } = deadline;

    public AckWaitState State { get; private set; }

    /// <summary>Its place in the line of those who wait; null when it does not wait (any more).</summary>
    public LinkedListNode<AckWait>? Place { get; set; }

    /// <summary>How many replicas had acknowledged <see cref="Offset"/> when the wait ended.</summary>
    public int Reached { get; private set; }

    /// <summary>The data set was replaced: what must be applied now ends here.</summary>
    public void MoveTo(long newOffset) => Offset = newOffset;

    public void End(AckWaitState state, int reached)
    {
        State = state;
        Reached = reached;
        ended(this);
    }
}
