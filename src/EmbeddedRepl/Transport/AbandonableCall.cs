using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace EmbeddedRepl.Transport;

/// <summary>Runs a blocking call that knows neither time-out nor cancellation, on a thread of its own that is left behind when nobody waits any more.</summary>
internal static class AbandonableCall
{
    private const int StackSizeBytes = 256 << 10;

    /// <summary>Runs the call and waits for it.</summary>
    /// <param name="name">Names the thread.</param>
    /// <param name="call">The call; its exception, if any, becomes the caller's.</param>
    /// <param name="interrupt">Called once, on the waiting thread, when the call is given up; should make it end. It also has to free what the call produces too late.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SocketException"><see cref="SocketError.TimedOut"/>: the time is over.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static T Run<T>(string name, Func<T> call, Action interrupt, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Outcome<T> outcome = new();
        Thread thread = new(() => outcome.Fill(call), StackSizeBytes) { IsBackground = true, Name = $"EmbeddedRepl {name}" };
        thread.Start();
        bool isDone = false;
        try
        {
            isDone = outcome.Done.Wait(timeout, cancellationToken);
            return isDone ? outcome.Take() : throw new SocketException((int)SocketError.TimedOut);
        }
        finally
        {
            if (!isDone)
            {
                interrupt();
            }
        }
    }

    private sealed class Outcome<T>
    {
        private ExceptionDispatchInfo? _failure;
        private T? _result;

        // Never disposed: the thread that was left behind sets it when it likes, and it holds no handle as long as nobody asks for one.
        public ManualResetEventSlim Done { get; } = new();

        public void Fill(Func<T> call)
        {
            try
            {
                _result = call();
            }
#pragma warning disable CA1031 // Whatever the call throws belongs to the thread that waits for it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
            }

            Done.Set();
        }

        public T Take()
        {
            _failure?.Throw();
            return _result!;
        }
    }
}
