using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.NodeProcess;

/// <summary>Logs to the error stream, which the test keeps for its failure message; the output stream belongs to the answers.</summary>
internal sealed class ErrorStreamLog : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Console.Error.WriteLine($"{logLevel} {eventId.Id}: {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
