namespace EmbeddedRepl.Replication.Runtime;

/// <summary>Which pieces an <see cref="EventQueue"/> drops when too many wait.</summary>
internal enum Overflow
{
    /// <summary>
    /// Those that come while there is no room. How many were is reported by a piece of the queue, in the place where they are missing: a story is told
    /// from its beginning.
    /// </summary>
    DropNewest,

    /// <summary>Those that have waited longest. Each is reported at once, on the thread that posted: what is heard last is how things stand.</summary>
    DropOldest,
}

/// <summary>
/// Carries what the application is to hear (log messages, events) away from the gate: whoever posts never waits, and a thread of its
/// own runs what was posted, one after the other and in order. Code of the application may therefore block, throw, or call back into
/// the cache. Thread-safe.
/// <para>Limit: at most <c>capacity</c> pieces wait; what is dropped beyond that, <see cref="Overflow"/> says.</para>
/// <para>The thread is started by the first post, and ends after a while without any: a quiet node costs none, nor does one that
/// nobody disposed of.</para>
/// </summary>
internal sealed class EventQueue
{
    /// <summary>How long the thread waits for more before it ends.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    private readonly object _lock = new();
    private readonly Queue<Action> _waiting = new();
    private readonly string _name;
    private readonly int _capacity;
    private readonly Overflow _overflow;
    private readonly Action<long> _reportDropped;
    private readonly Action<Exception> _reportFailure;
    private Thread? _thread;
    private long _posted;
    private long _done;
    private long _unreported;
    private bool _isEnding;

    /// <param name="name">Part of the thread's name.</param>
    /// <param name="capacity">How many pieces may wait.</param>
    /// <param name="overflow">Which ones are dropped when more come.</param>
    /// <param name="reportDropped">Told how many pieces are missing, as <paramref name="overflow"/> says. Must not throw.</param>
    /// <param name="reportFailure">Told what a piece threw. Must not throw.</param>
    public EventQueue(string name, int capacity, Overflow overflow, Action<long> reportDropped, Action<Exception> reportFailure)
    {
        _name = name;
        _capacity = capacity;
        _overflow = overflow;
        _reportDropped = reportDropped;
        _reportFailure = reportFailure;
    }

    /// <summary>Adds a piece of work; if too many wait, one is dropped. Any thread, the gate may be held; does not wait.</summary>
    public void Post(Action work)
    {
        bool dropsOldest;
        lock (_lock)
        {
            bool isFull = _waiting.Count >= _capacity;
            dropsOldest = isFull && _overflow == Overflow.DropOldest;
            if (isFull && !dropsOldest)
            {
                _unreported++;
                return;
            }

            if (dropsOldest)
            {
                _waiting.Dequeue();
                _done++;
            }

            ReportDropped();
            Enqueue(work);
            EnsureThread();
        }

        if (dropsOldest)
        {
            _reportDropped(1);
        }
    }

    /// <summary>Waits until everything that was posted before the call has run. Not under the gate.</summary>
    /// <param name="timeout">For how long at most; finite.</param>
    /// <returns>False if the time ran out first, or if the caller is itself run by this queue and cannot wait for itself.</returns>
    public bool Flush(TimeSpan timeout)
    {
        long start = TimeProvider.System.GetTimestamp();
        lock (_lock)
        {
            if (Thread.CurrentThread == _thread)
            {
                return false;
            }

            long target = _posted;
            while (_done < target)
            {
                EnsureThread();
                TimeSpan left = timeout - TimeProvider.System.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    return false;
                }

                Monitor.Wait(_lock, left);
            }

            return true;
        }
    }

    /// <summary>As <see cref="Flush"/>; then the thread ends. What is posted later still runs.</summary>
    public bool End(TimeSpan timeout)
    {
        lock (_lock)
        {
            _isEnding = true;
            Monitor.PulseAll(_lock);
        }

        return Flush(timeout);
    }

    private void Enqueue(Action work)
    {
        _waiting.Enqueue(work);
        _posted++;
        Monitor.PulseAll(_lock);
    }

    private void ReportDropped()
    {
        if (_unreported > 0)
        {
            long count = _unreported;
            _unreported = 0;
            Enqueue(() => _reportDropped(count));
        }
    }

    private void EnsureThread()
    {
        if (_thread is not null)
        {
            return;
        }

        // The stack has the usual size: what runs on it is not ours.
        var thread = new Thread(Run) { IsBackground = true, Name = $"EmbeddedRepl {_name}" };
        try
        {
            // Without the context of whoever happens to post first.
            thread.UnsafeStart();
            _thread = thread;
        }
#pragma warning disable CA1031 // No thread is to be had at the moment. What waits is kept; the next post tries again.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private void Run()
    {
        while (TryTake(out Action? work))
        {
            try
            {
                work();
            }
#pragma warning disable CA1031 // It is the application's code; what comes after it must run all the same.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _reportFailure(exception);
            }

            lock (_lock)
            {
                _done++;
                Monitor.PulseAll(_lock);
            }
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Action? work)
    {
        lock (_lock)
        {
            while (!_waiting.TryDequeue(out work))
            {
                ReportDropped();
                if (_waiting.Count == 0 && (_isEnding || !Monitor.Wait(_lock, Idle)) && _waiting.Count == 0)
                {
                    _thread = null;
                    return false;
                }
            }

            return true;
        }
    }
}
