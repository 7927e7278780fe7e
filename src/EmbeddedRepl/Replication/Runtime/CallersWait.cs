namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// A caller's view of a wait in the core. It ends under the gate, so what the caller does next must not run there: whoever awaits it goes on on
/// the pool, and whoever blocks on it is woken without needing a thread of the pool. One of its two waits is called, once.
/// </summary>
/// <typeparam name="TResult">What the caller is told.</typeparam>
internal abstract class CallersWait<TResult>(NodeRuntime runtime, TimeSpan timeout, CancellationToken cancellation)
{
    private readonly TaskCompletionSource<TResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected NodeRuntime Runtime => runtime;

    /// <summary>Waits on the calling thread.</summary>
    public TResult Wait()
    {
        Begin();
        using CancellationTokenRegistration registration = CancelWithCaller();
        return _done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Waits without a thread.</summary>
    public async Task<TResult> WaitAsync()
    {
        Begin();
        using CancellationTokenRegistration registration = CancelWithCaller();
        return await _done.Task.ConfigureAwait(false);
    }

    /// <summary>Begins the wait in the core; it may end at once. Under the gate.</summary>
    /// <param name="deadline">When it ends anyway, in milliseconds of the monotonic clock; <see cref="long.MaxValue"/> for never.</param>
    /// <param name="now">The present moment.</param>
    protected abstract void Begin(long deadline, Moment now);

    /// <summary>The caller gives up; no effect if the wait has ended. Under the gate.</summary>
    protected abstract void Cancel();

    /// <summary>It ended with this.</summary>
    protected void Ended(TResult result) => _done.SetResult(result);

    /// <summary>It ended because of this.</summary>
    protected void Failed(Exception exception) => _done.SetException(exception);

    /// <summary>It ended because the caller gave up.</summary>
    protected void Cancelled() => _done.SetCanceled(cancellation);

    private void Begin()
    {
        lock (runtime.Gate)
        {
            Moment now = runtime.Now();
            Begin(timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : now.Milliseconds + (long)Math.Ceiling(timeout.TotalMilliseconds), now);
        }

        if (!_done.Task.IsCompleted)
        {
            runtime.DeadlineAdded();
        }
    }

    private CancellationTokenRegistration CancelWithCaller() => cancellation.UnsafeRegister(
        static state =>
        {
            var wait = (CallersWait<TResult>)state!;
            lock (wait.Runtime.Gate)
            {
                wait.Cancel();
            }
        },
        this);
}
