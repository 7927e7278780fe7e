using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>Keeps everything that is logged, at every level and with the whole of the exceptions. A logger factory by itself. Thread-safe.</summary>
internal sealed class TraceLog : ILoggerFactory, ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];

    /// <summary>Event id and message, with the exception, of each line in turn.</summary>
    public ConcurrentQueue<(int Id, string Text)> Lines { get; } = [];

    public string Text => string.Join('\n', _lines);

    public int CountOf(int eventId) => Lines.Count(line => line.Id == eventId);

    public int Count(string part) => _lines.Count(line => line.Contains(part, StringComparison.Ordinal));

    public bool Contains(params string[] parts) => _lines.Any(line => parts.All(part => line.Contains(part, StringComparison.Ordinal)));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // The arguments too: a structured log stores them one by one.
        string arguments = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join("; ", pairs) : "";
        string message = formatter(state, exception);
        Lines.Enqueue((eventId.Id, message + exception));
        _lines.Enqueue($"{logLevel} {eventId.Id}: {message} [{arguments}] {exception}");
    }

    public void Dispose()
    {
    }
}
