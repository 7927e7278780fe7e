namespace EmbeddedRepl.Replication;

/// <summary>
/// Where writers wait while a master recovers. It opens once and stays open; whether a write is allowed is then for the core to say. Costs a
/// write one volatile read when it is open. Waiting needs neither the gate nor a thread of the pool. Thread-safe.
/// </summary>
internal sealed class WriteBarrier : INodeSignal
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isOpen;

    /// <param name="isOpen">Whether nobody has to wait.</param>
    public WriteBarrier(bool isOpen)
    {
        if (isOpen)
        {
            Set();
        }
    }

    /// <summary>Lets every writer pass, now and later.</summary>
    public void Set()
    {
        _isOpen = true;
        _opened.TrySetResult();
    }

    /// <summary>Whether nobody has to wait.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Blocks until the barrier opens. Counts on the machine's clock, because the application's may stand still, as in its tests.</summary>
    /// <param name="patience">How long to wait at most.</param>
    /// <exception cref="RecoveringMasterException">It did not open in time.</exception>
    public void Wait(TimeSpan patience)
    {
        if (!_isOpen && !_opened.Task.Wait(patience))
        {
            throw TooLong(patience);
        }
    }

    /// <summary>As <see cref="Wait"/>, without blocking a thread.</summary>
    /// <exception cref="RecoveringMasterException">It did not open in time.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public ValueTask WaitAsync(TimeSpan patience, CancellationToken token) =>
        _isOpen ? ValueTask.CompletedTask : new ValueTask(WaitForOpening(patience, token));

    private async Task WaitForOpening(TimeSpan patience, CancellationToken token)
    {
        try
        {
            await _opened.Task.WaitAsync(patience, TimeProvider.System, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw TooLong(patience);
        }
    }

    private static RecoveringMasterException TooLong(TimeSpan patience) => new(
        $"This master was started and takes what it lacks from its replicas; it did not come to an end within RecoveryWriteTimeout ({patience}). Nothing was written.");
}
