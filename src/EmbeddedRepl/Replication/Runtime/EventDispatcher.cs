using EmbeddedRepl.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// Hands events to the application, one after the other, on the thread of an <see cref="EventQueue"/>: a handler may take its time, and call the
/// cache, without holding up replication. Delivers nothing before the first subscription. Thread-safe.
/// </summary>
internal sealed class EventDispatcher : INoticeQueue, IDisposable
{
    /// <summary>How many events may wait for handlers. One more, and the oldest is left out: what the handlers then hear last is how things stand.</summary>
    public const int Limit = 1_024;

    /// <summary>For how long disposal waits for the handlers of events that happened before.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly EventQueue _queue;
    private readonly ILogger _logger;
    private Action<ReplicationEventArgs>? _deliver;
    private long _leftOut;
    private volatile bool _isDisposed;

    public EventDispatcher(ILogger logger)
    {
        _logger = logger;
        _queue = new EventQueue("events", Limit, Overflow.DropOldest, LeaveOut, exception => logger.BackgroundWorkFailed(exception, "events"));
    }

    /// <summary>Events that were left out so far.</summary>
    public long LeftOut => Interlocked.Read(ref _leftOut);

    /// <summary>Somebody wants to hear of events. What happened before is not told. Does nothing the second time.</summary>
    /// <param name="deliver">Calls the handlers; on a thread of this object, never two at a time.</param>
    public void Start(Action<ReplicationEventArgs> deliver) => Interlocked.CompareExchange(ref _deliver, deliver, null);

    public void Add(ReplicationEventArgs notice)
    {
        if (Volatile.Read(ref _deliver) is { } deliver && !_isDisposed)
        {
            _queue.Post(() => deliver(notice));
        }
    }

    /// <summary>Delivers what waits, as far as the handlers allow, and ends. A handler that does not return keeps nobody.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _queue.End(Grace);
    }

    private void LeaveOut(long count)
    {
        if (Interlocked.Add(ref _leftOut, count) == count)
        {
            _logger.EventsLeftOut(Limit);
        }
    }
}
