namespace EmbeddedRepl.Replication;

/// <summary>One caller that waits until this node has a position. Under the gate.</summary>
/// <param name="position">What this node must have.</param>
/// <param name="deadline">When the wait ends anyway, in milliseconds of the monotonic clock; <see cref="long.MaxValue"/> for never.</param>
internal abstract class PositionWait(StreamPosition position, long deadline)
{
    public StreamPosition Position { get; } = position;

    public long Deadline { get; } = deadline;

    public PositionWaitState State { get; private set; }

    /// <summary>Tells waits of the same offset or deadline apart; the later one has the larger number.</summary>
    public long Number { get; set; }

    public void End(PositionWaitState state)
    {
        State = state;
        OnEnded();
    }

    /// <summary>Called once, under the gate: it must only pass the news on.</summary>
    protected abstract void OnEnded();
}
