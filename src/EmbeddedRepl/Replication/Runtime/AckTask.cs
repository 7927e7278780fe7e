using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>A caller's view of an <see cref="AckWait"/>: told how many replicas have acknowledged what was written before it began.</summary>
internal sealed class AckTask(NodeRuntime runtime, int count, TimeSpan timeout, CancellationToken cancellation) : CallersWait<int>(runtime, timeout, cancellation)
{
    private AckWait? _wait;

    /// <inheritdoc/>
    protected override void Begin(long deadline, Moment now)
    {
        _wait = new AckWait(Runtime.Core.Data.Offset, count, deadline, OnEnded);
        Runtime.Core.WaitForAcks(_wait, now);
    }

    /// <inheritdoc/>
    protected override void Cancel() => Runtime.Core.AckWaits.Cancel(_wait!);

    private void OnEnded(AckWait wait)
    {
        switch (wait.State)
        {
            case AckWaitState.Reached or AckWaitState.TimedOut:
                Ended(wait.Reached);
                break;
            case AckWaitState.Cancelled:
                Cancelled();
                break;
            case AckWaitState.Demoted:
                Failed(new NotMasterException(
                    $"This node became a replica while the caller waited for acknowledgements; {wait.Reached} replicas had acknowledged offset {wait.Offset} until then."));
                break;
            default:
                Failed(new NodeStoppedException(
                    $"This node was stopped while the caller waited for acknowledgements; {wait.Reached} replicas had acknowledged offset {wait.Offset} until then."));
                break;
        }
    }
}
