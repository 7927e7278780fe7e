using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.TestKit;

/// <summary>Counts what is logged as an error, except what the run provokes on purpose, and keeps the first few. A logger factory by itself. Thread-safe.</summary>
/// <param name="expected">Ids of the messages that the run provokes.</param>
internal sealed class ErrorLog(params int[] expected) : ILoggerFactory, ILogger
{
    private const int Kept = 10;

    private readonly Lock _gate = new();
    private readonly List<string> _first = [];
    private long _count;

    /// <summary>How many unexpected errors there were.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>The first few of them.</summary>
    public IReadOnlyList<string> First
    {
        get
        {
            lock (_gate)
            {
                return [.. _first];
            }
        }
    }

    /// <summary>Notes an error that was not logged but seen.</summary>
    public void Add(string text)
    {
        lock (_gate)
        {
            _count++;
            if (_first.Count < Kept)
            {
                _first.Add(text);
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && !expected.Contains(eventId.Id))
        {
            Add($"{eventId.Id}: {formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
