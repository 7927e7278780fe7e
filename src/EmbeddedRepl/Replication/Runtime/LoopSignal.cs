namespace EmbeddedRepl.Replication.Runtime;

/// <summary>Wakes one loop thread. Safe to set after disposal, because whoever sets it need not know that the loop has ended.</summary>
internal sealed class LoopSignal : INodeSignal, IDisposable
{
    private readonly Lock _lock = new();
    private readonly AutoResetEvent _event = new(false);
    private bool _isDisposed;

    public void Set()
    {
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _event.Set();
            }
        }
    }

    /// <param name="milliseconds">Longest wait; negative values count as 0.</param>
    public void Wait(long milliseconds) => _event.WaitOne((int)Math.Clamp(milliseconds, 0, int.MaxValue));

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _event.Dispose();
        }
    }
}
