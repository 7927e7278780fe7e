using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Diagnostics;

/// <summary>
/// Keeps the faults of an application's logging away from replication. A message is written in the middle of a change of state, and in
/// the outermost frame of threads: an exception there would leave the change half done, or end the process. Thread-safe if the inner one is.
/// </summary>
internal sealed class ForgivingLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => inner.BeginScope(state);

#pragma warning disable CA1031 // Whatever a provider of logs throws, there is no log to tell it to, and nothing here depends on it.
    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // The message is lost.
        }
    }
#pragma warning restore CA1031
}
