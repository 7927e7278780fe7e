namespace EmbeddedRepl.Replication.Runtime;

/// <summary>A caller's view of a <see cref="PositionWait"/>: told whether this node has the position.</summary>
internal sealed class PositionTask(NodeRuntime runtime, StreamPosition position, TimeSpan timeout, CancellationToken cancellation)
    : CallersWait<bool>(runtime, timeout, cancellation)
{
    private Waiting? _wait;

    /// <inheritdoc/>
    protected override void Begin(long deadline, Moment now)
    {
        _wait = new Waiting(this, position, deadline);
        Runtime.Core.PositionWaits.Begin(_wait, now);
    }

    /// <inheritdoc/>
    protected override void Cancel() => Runtime.Core.PositionWaits.Cancel(_wait!);

    private void OnEnded(PositionWait wait)
    {
        switch (wait.State)
        {
            case PositionWaitState.Reached:
                Ended(true);
                break;
            case PositionWaitState.Left or PositionWaitState.TimedOut:
                Ended(false);
                break;
            case PositionWaitState.Cancelled:
                Cancelled();
                break;
            default:
                Failed(new NodeStoppedException(
                    $"This node was stopped while the caller waited for offset {wait.Position.Offset} of history {wait.Position.Id}; it has {Runtime.Core.Data.Offset} of {Runtime.Core.Data.History.Id}."));
                break;
        }
    }

    private sealed class Waiting(PositionTask task, in StreamPosition position, long deadline) : PositionWait(position, deadline)
    {
        protected override void OnEnded() => task.OnEnded(this);
    }
}
