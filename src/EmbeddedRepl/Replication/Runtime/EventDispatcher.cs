using EmbeddedRepl.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// Hands events to the application, one after the other, on a thread of its own: a handler may take its time, and call the cache, without
/// holding up replication. The thread exists from the first subscription on. Thread-safe.
/// </summary>
internal sealed class EventDispatcher(ILogger logger) : INoticeQueue, IDisposable
{
    /// <summary>How many events may wait for handlers. One more, and the oldest is left out: what the handlers then hear last is how things stand.</summary>
    public const int Limit = 1_024;

    /// <summary>For how long disposal waits for the handlers of events that happened before, in milliseconds.</summary>
    private const int Grace = 1_000;

    private readonly Lock _lock = new();
    private readonly Queue<ReplicationEventArgs> _waiting = new();
    private readonly LoopSignal _signal = new();
    private Action<ReplicationEventArgs>? _deliver;
    private LoopThread? _thread;
    private long _leftOut;
    private bool _isDisposed;

    /// <summary>Events that were left out so far.</summary>
    public long LeftOut
    {
        get
        {
            lock (_lock)
            {
                return _leftOut;
            }
        }
    }

    /// <summary>Somebody wants to hear of events. What happened before is not told. Does nothing the second time.</summary>
    /// <param name="deliver">Calls the handlers; on the thread of this object, never two at a time.</param>
    public void Start(Action<ReplicationEventArgs> deliver)
    {
        lock (_lock)
        {
            if (_thread is null && !_isDisposed)
            {
                _deliver = deliver;
                _thread = LoopThread.Start("events", logger, Run);
            }
        }
    }

    public void Add(ReplicationEventArgs notice)
    {
        lock (_lock)
        {
            if (_thread is null || _isDisposed)
            {
                return;
            }

            if (_waiting.Count == Limit)
            {
                _waiting.Dequeue();
                _leftOut++;
                if (_leftOut == 1)
                {
                    logger.EventsLeftOut(Limit);
                }
            }

            _waiting.Enqueue(notice);
        }

        _signal.Set();
    }

    /// <summary>Delivers what waits, as far as the handlers allow, and ends. A handler that does not return keeps nobody.</summary>
    public void Dispose()
    {
        LoopThread? thread;
        lock (_lock)
        {
            _isDisposed = true;
            thread = _thread;
        }

        _signal.Set();
        if (thread is null || thread.Join(TimeSpan.FromMilliseconds(Grace)))
        {
            _signal.Dispose();
        }
    }

    private void Run()
    {
        while (true)
        {
            ReplicationEventArgs? notice;
            lock (_lock)
            {
                if (!_waiting.TryDequeue(out notice) && _isDisposed)
                {
                    return;
                }
            }

            if (notice is not null)
            {
                _deliver!(notice);
            }
            else
            {
                _signal.Wait(int.MaxValue);
            }
        }
    }
}
