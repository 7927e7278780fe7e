namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// A caller's view of a <see cref="PositionWait"/>. It ends under the gate, so what the caller does next must not run there: whoever awaits it goes on on
/// the pool, and whoever blocks on it is woken without needing a thread of the pool.
/// </summary>
internal sealed class PositionTask : PositionWait
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly NodeRuntime _runtime;
    private readonly CancellationToken _cancellation;

    private PositionTask(NodeRuntime runtime, in StreamPosition position, long deadline, CancellationToken cancellation)
        : base(position, deadline)
    {
        _runtime = runtime;
        _cancellation = cancellation;
    }

    /// <summary>Waits on the calling thread.</summary>
    public static bool Wait(NodeRuntime runtime, in StreamPosition position, TimeSpan timeout, CancellationToken cancellation)
    {
        PositionTask task = Begin(runtime, position, timeout, cancellation);
        using CancellationTokenRegistration registration = task.CancelOn(cancellation);
        return task._done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Waits without a thread.</summary>
    public static async Task<bool> WaitAsync(NodeRuntime runtime, StreamPosition position, TimeSpan timeout, CancellationToken cancellation)
    {
        PositionTask task = Begin(runtime, position, timeout, cancellation);
        using CancellationTokenRegistration registration = task.CancelOn(cancellation);
        return await task._done.Task.ConfigureAwait(false);
    }

    private static PositionTask Begin(NodeRuntime runtime, in StreamPosition position, TimeSpan timeout, CancellationToken cancellation)
    {
        PositionTask task;
        lock (runtime.Gate)
        {
            Moment now = runtime.Now();
            long deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : now.Milliseconds + (long)Math.Ceiling(timeout.TotalMilliseconds);
            task = new PositionTask(runtime, position, deadline, cancellation);
            runtime.Core.PositionWaits.Begin(task, now);
        }

        if (!task._done.Task.IsCompleted)
        {
            runtime.DeadlineAdded();
        }

        return task;
    }

    private CancellationTokenRegistration CancelOn(CancellationToken cancellation) => cancellation.UnsafeRegister(
        static state =>
        {
            var task = (PositionTask)state!;
            lock (task._runtime.Gate)
            {
                task._runtime.Core.PositionWaits.Cancel(task);
            }
        },
        this);

    /// <inheritdoc/>
    protected override void OnEnded()
    {
        switch (State)
        {
            case PositionWaitState.Reached:
                _done.SetResult(true);
                break;
            case PositionWaitState.Left or PositionWaitState.TimedOut:
                _done.SetResult(false);
                break;
            case PositionWaitState.Cancelled:
                _done.SetCanceled(_cancellation);
                break;
            default:
                _done.SetException(new NodeStoppedException(
                    $"This node was stopped while the caller waited for offset {Position.Offset} of history {Position.Id}; it has {_runtime.Core.Data.Offset} of {_runtime.Core.Data.History.Id}."));
                break;
        }
    }
}
