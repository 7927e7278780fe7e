using EmbeddedRepl.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// Writes log messages on a thread of its own, in order. Many of them are written under the gate, in the middle of a change of state: a
/// provider that blocks, on a full disk or a network, would otherwise stop every writer of the cache. No code of the application's logging runs
/// on the caller's thread, not even the question whether a level is enabled. Thread-safe.
/// </summary>
internal sealed class QueuedLogger : ILogger
{
    /// <summary>How many messages wait at most; <see cref="Overflow.DropNewest"/> says what happens then.</summary>
    public const int Capacity = 8192;

    private readonly ForgivingLogger _inner;
    private readonly EventQueue _queue;

    public QueuedLogger(ILogger inner)
    {
        _inner = new ForgivingLogger(inner);
        _queue = new EventQueue("log", Capacity, Overflow.DropNewest, count => _inner.LogMessagesDropped(count), static _ => { });
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _queue.Post(() =>
        {
            if (_inner.IsEnabled(logLevel))
            {
                _inner.Log(logLevel, eventId, state, exception, formatter);
            }
        });

    /// <summary>Waits until what was logged before the call is written; see <see cref="EventQueue.Flush"/>.</summary>
    public bool Flush(TimeSpan timeout) => _queue.Flush(timeout);

    /// <summary>As <see cref="Flush"/>; then the thread ends. What is logged later is written all the same.</summary>
    public bool End(TimeSpan timeout) => _queue.End(timeout);
}
