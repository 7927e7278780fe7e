using System.Diagnostics;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>
/// Writes at a steady rate, on a thread of its own, until it is stopped. It goes by a schedule: what a delay kept it from writing it writes as fast as it can afterwards, so that the
/// rate is reached on the whole or visibly not at all.
/// </summary>
internal sealed class PacedWriter : IDisposable
{
    private readonly Thread _thread;
    private readonly Action<int> _write;
    private readonly int _perSecond;
    private readonly int _mostAtOnce;
    private long _written;
    private volatile bool _isStopped;
    private volatile Exception? _failure;

    /// <summary>Begins to write.</summary>
    /// <param name="perSecond">Writes a second.</param>
    /// <param name="mostAtOnce">How many writes may be asked for in one call.</param>
    /// <param name="write">Writes so many.</param>
    public PacedWriter(int perSecond, int mostAtOnce, Action<int> write)
    {
        _perSecond = perSecond;
        _mostAtOnce = mostAtOnce;
        _write = write;
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>How many writes are done.</summary>
    /// <exception cref="InvalidOperationException">A write has failed, and none has been made since.</exception>
    public long Written => _failure is { } failure ? throw new InvalidOperationException("A write failed.", failure) : Interlocked.Read(ref _written);

    /// <summary>Ends with a whole call.</summary>
    public void Dispose()
    {
        _isStopped = true;
        _thread.Join();
    }

    private void Run()
    {
        try
        {
            long start = Stopwatch.GetTimestamp();
            while (!_isStopped)
            {
                long due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * _perSecond) - _written;
                if (due <= 0)
                {
                    Thread.Sleep(1);
                    continue;
                }

                int count = (int)Math.Min(due, _mostAtOnce);
                _write(count);
                Interlocked.Add(ref _written, count);
            }
        }
#pragma warning disable CA1031 // Whatever it is, whoever asks for the number is told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure = exception;
        }
    }
}
