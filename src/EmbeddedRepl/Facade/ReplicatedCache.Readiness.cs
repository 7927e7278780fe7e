namespace EmbeddedRepl.Facade;

/// <content>Whether the node has data, and how old it is.</content>
internal sealed partial class ReplicatedCache
{
    public bool IsReady
    {
        get
        {
            ThrowIfDisposed();
            return _node.IsReady;
        }
    }

    public TimeSpan? Staleness
    {
        get
        {
            ThrowIfDisposed();
            return _node.Staleness;
        }
    }

    public bool IsFresherThan(TimeSpan maxStaleness)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxStaleness, TimeSpan.Zero);
        ThrowIfDisposed();
        return _node.IsFresherThan(maxStaleness);
    }

    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        await _node.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> WaitUntilReadyAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        CheckTimeout(timeout);
        ThrowIfDisposed();
        Task ready = _node.Ready;
        try
        {
            await ready.WaitAsync(Waitable(timeout), _time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException) when (!ready.IsFaulted)
        {
            return false;
        }
    }

    public bool WaitUntilReady(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        CheckTimeout(timeout);
        ThrowIfDisposed();
        Task ready = _node.Ready;
        try
        {
            return ready.Wait(Waitable(timeout), cancellationToken);
        }
        catch (AggregateException) when (ready.IsFaulted)
        {
            ready.GetAwaiter().GetResult();
            throw;
        }
    }

    /// <summary>What the waiting calls of the system can count; a longer time, of more than 24 days, is none.</summary>
    private static TimeSpan Waitable(TimeSpan timeout) => timeout.TotalMilliseconds >= int.MaxValue ? Timeout.InfiniteTimeSpan : timeout;
}
