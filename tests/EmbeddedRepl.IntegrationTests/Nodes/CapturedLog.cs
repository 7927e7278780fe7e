using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>Keeps what a node logs, as event id and text.</summary>
internal sealed class CapturedLog : ILoggerFactory, ILogger
{
    public ConcurrentQueue<(int Id, string Text)> Lines { get; } = [];

    public int CountOf(int eventId) => Lines.Count(line => line.Id == eventId);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((eventId.Id, formatter(state, exception) + exception));

    public void Dispose()
    {
    }
}
