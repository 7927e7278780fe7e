using System.Diagnostics;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>
/// Makes one call after the other at a steady pace, on a thread of its own, and records how long each took <i>from when it was due</i>. Measured from its beginning, a call that stops for
/// 50 ms would count once, and the 500 that could not begin meanwhile not at all; callers of a service would have waited in every one of them. The thread polls the clock between calls, since
/// a sleep of the system is longer and less even than what is measured here: what is recorded is the call, and the times in which the thread could not run.
/// </summary>
internal sealed class LatencyProbe : IDisposable
{
    private const long Never = long.MaxValue;

    private readonly Thread _thread;
    private readonly Action<long> _call;
    private readonly long _interval;
    private readonly float[] _microseconds;
    private int _count;
    private long _openAt = Never;
    private long _closeAt = Never;
    private long _lastDue;
    private string? _taskFolder;
    private volatile bool _isStopped;
    private volatile Exception? _failure;

    /// <summary>Begins with the calls; nothing is recorded yet.</summary>
    /// <param name="perSecond">Calls a second.</param>
    /// <param name="capacity">How many can be recorded until they are taken; memory for all of them is taken now, so that recording changes nothing.</param>
    /// <param name="call">Makes a call, and is told its number.</param>
    public LatencyProbe(int perSecond, int capacity, Action<long> call)
    {
        _interval = Stopwatch.Frequency / perSecond;
        _call = call;
        _microseconds = new float[capacity];
        Array.Fill(_microseconds, float.NaN);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Processor time of the thread that makes the calls, in milliseconds. Linux only.</summary>
    public double ProcessorMilliseconds
    {
        get
        {
            Waiting.Until("the first call", () => Volatile.Read(ref _taskFolder) is not null);
            return double.Parse(File.ReadAllText(_taskFolder + "/schedstat").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) / 1e6;
        }
    }

    /// <summary>What is due from now on is recorded.</summary>
    public void Open()
    {
        Volatile.Write(ref _closeAt, Never);
        Volatile.Write(ref _openAt, Stopwatch.GetTimestamp());
    }

    /// <summary>What is due from now on is not recorded. Waits for what was due before.</summary>
    /// <exception cref="InvalidOperationException">A call has failed.</exception>
    public void Close()
    {
        long now = Stopwatch.GetTimestamp();
        Volatile.Write(ref _closeAt, now);
        Waiting.Until("calls that are due", () => _failure is not null || Volatile.Read(ref _lastDue) >= now);
        if (_failure is { } failure)
        {
            throw new InvalidOperationException("A call failed.", failure);
        }
    }

    /// <summary>All that was recorded since it was last taken. Not while it is open.</summary>
    public Latencies Take()
    {
        var latencies = Latencies.Of(_microseconds.AsSpan(0, _count));
        _count = 0;
        return latencies;
    }

    public void Dispose()
    {
        _isStopped = true;
        _thread.Join();
    }

    private void Run()
    {
        try
        {
            // Read from the thread itself: "1234/task/1240".
            Volatile.Write(ref _taskFolder, "/proc/" + new FileInfo("/proc/thread-self").LinkTarget);
            long due = Stopwatch.GetTimestamp();
            for (long number = 0; !_isStopped; number++, due += _interval)
            {
                while (Stopwatch.GetTimestamp() < due)
                {
                    Thread.SpinWait(4);
                }

                _call(number);
                Record(due);
                Volatile.Write(ref _lastDue, due);
            }
        }
#pragma warning disable CA1031 // Whatever it is, whoever ends the window is told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure = exception;
        }
    }

    private void Record(long due)
    {
        if (due >= Volatile.Read(ref _openAt) && due < Volatile.Read(ref _closeAt) && _count < _microseconds.Length)
        {
            _microseconds[_count++] = (float)Stopwatch.GetElapsedTime(due).TotalMicroseconds;
        }
    }
}
