namespace EmbeddedRepl.Replication;

/// <summary>
/// Where callers wait until a node serves complete data. Changed under the gate; what callers do next never runs there: whoever awaits goes on on the
/// pool, and whoever blocks is woken without needing a thread of the pool. Any number may wait; none of them costs anything here.
/// </summary>
internal sealed class ReadySignal
{
    private TaskCompletionSource _source = NewSource();
    private bool _isStopped;

    /// <summary>Ends when the node is ready; with a <see cref="NodeStoppedException"/> if it stops before. Any thread.</summary>
    public Task Task => Volatile.Read(ref _source).Task;

    /// <summary>The node is or is not ready. It may cease to be: a recovering master that was demoted before it had any data.</summary>
    public void Update(bool isReady)
    {
        if (isReady)
        {
            _source.TrySetResult();
        }
        else if (_source.Task.IsCompletedSuccessfully)
        {
            Volatile.Write(ref _source, NewSource());
            if (_isStopped)
            {
                Stop();
            }
        }
    }

    /// <summary>The node will not become ready any more if it is not.</summary>
    public void Stop()
    {
        _isStopped = true;
        if (_source.TrySetException(new NodeStoppedException("This node was stopped before it held complete data.")))
        {
            // Seen, so that nobody is told of an unobserved exception when nobody waited.
            _ = _source.Task.Exception;
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
