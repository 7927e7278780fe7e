namespace EmbeddedRepl.Comparison.Runner;

/// <summary>Looks at a number again and again, on a thread of its own, and keeps the greatest.</summary>
internal sealed class PeakWatch : IDisposable
{
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _stopped = new();
    private readonly long _atStart;
    private long _peak;

    /// <summary>Looks once, and goes on until <see cref="Stop"/>.</summary>
    /// <param name="look">What the number is.</param>
    /// <param name="interval">Time between two looks.</param>
    public PeakWatch(Func<long> look, TimeSpan interval)
    {
        _atStart = look();
        _peak = _atStart;
        _thread = new Thread(() =>
        {
            while (!_stopped.Wait(interval))
            {
                _peak = Math.Max(_peak, look());
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends it.</summary>
    /// <returns>How far the number was above what it was at the start.</returns>
    public long Stop()
    {
        _stopped.Set();
        _thread.Join();
        return _peak - _atStart;
    }

    public void Dispose()
    {
        Stop();
        _stopped.Dispose();
    }
}
