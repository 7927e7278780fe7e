using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// A caller's view of an <see cref="AckWait"/>. It ends under the gate, so what the caller does next must not run there: whoever awaits it goes on on
/// the pool, and whoever blocks on it is woken without needing a thread of the pool.
/// </summary>
internal sealed class AckTask
{
    private readonly TaskCompletionSource<int> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly NodeRuntime _runtime;
    private readonly AckWait _wait;
    private readonly CancellationToken _cancellation;

    private AckTask(NodeRuntime runtime, int count, TimeSpan timeout, CancellationToken cancellation)
    {
        _runtime = runtime;
        _cancellation = cancellation;
        lock (runtime.Gate)
        {
            Moment now = runtime.Now();
            long deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : now.Milliseconds + (long)Math.Ceiling(timeout.TotalMilliseconds);
            _wait = new AckWait(runtime.Core.Data.Offset, count, deadline, Ended);
            runtime.Core.WaitForAcks(_wait, now);
        }

        runtime.DeadlineAdded();
    }

    /// <summary>Waits on the calling thread.</summary>
    public static int Wait(NodeRuntime runtime, int count, TimeSpan timeout, CancellationToken cancellation)
    {
        var task = new AckTask(runtime, count, timeout, cancellation);
        using CancellationTokenRegistration registration = task.CancelOn(cancellation);
        return task._done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Waits without a thread.</summary>
    public static async Task<int> WaitAsync(NodeRuntime runtime, int count, TimeSpan timeout, CancellationToken cancellation)
    {
        var task = new AckTask(runtime, count, timeout, cancellation);
        using CancellationTokenRegistration registration = task.CancelOn(cancellation);
        return await task._done.Task.ConfigureAwait(false);
    }

    private CancellationTokenRegistration CancelOn(CancellationToken cancellation) => cancellation.UnsafeRegister(
        static state =>
        {
            var task = (AckTask)state!;
            lock (task._runtime.Gate)
            {
                task._runtime.Core.AckWaits.Cancel(task._wait);
            }
        },
        this);

    /// <summary>Under the gate.</summary>
    private void Ended(AckWait wait)
    {
        switch (wait.State)
        {
            case AckWaitState.Reached or AckWaitState.TimedOut:
                _done.SetResult(wait.Reached);
                break;
            case AckWaitState.Cancelled:
                _done.SetCanceled(_cancellation);
                break;
            case AckWaitState.Demoted:
                _done.SetException(new NotMasterException(
                    $"This node became a replica while the caller waited for acknowledgements; {wait.Reached} replicas had acknowledged offset {wait.Offset} until then."));
                break;
            default:
                _done.SetException(new NodeStoppedException(
                    $"This node was stopped while the caller waited for acknowledgements; {wait.Reached} replicas had acknowledged offset {wait.Offset} until then."));
                break;
        }
    }
}
