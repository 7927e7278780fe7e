using System.Runtime.ExceptionServices;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A thread that repeats something until it is stopped. What goes wrong on it is thrown where it is stopped.</summary>
internal sealed class Worker : IDisposable
{
    private readonly Thread _thread;
    private readonly Action<int> _step;
    private volatile bool _isStopping;
    private volatile Exception? _failure;
    private int _steps;

    private Worker(Action<int> step)
    {
        _step = step;
        _thread = new Thread(Run) { IsBackground = true, Name = "Test worker" };
        _thread.Start();
    }

    /// <summary>How often it has been done.</summary>
    public int Steps => Volatile.Read(ref _steps);

    /// <param name="step">Gets 0, 1, 2, ….</param>
    public static Worker Repeat(Action<int> step) => new(step);

    /// <summary>A writer that leaves the other threads of a small machine their share.</summary>
    public static Worker Writing(Action<int> write, int writesPerPause = 50) => Repeat(i =>
    {
        write(i);
        if (i % writesPerPause == 0)
        {
            Thread.Sleep(1);
        }
    });

    public void WaitForSteps(int more)
    {
        int target = Steps + more;
        TestNode.Wait(() => _failure is not null || Steps >= target, () => $"{more} further steps of a worker");
        ThrowIfFailed();
    }

    public void Stop()
    {
        _isStopping = true;
        _thread.Join();
        ThrowIfFailed();
    }

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Run()
    {
        try
        {
            for (int i = 0; !_isStopping; i++)
            {
                _step(i);
                Volatile.Write(ref _steps, i + 1);
            }
        }
#pragma warning disable CA1031 // Thrown again by whoever stops the worker.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure = exception;
        }
    }
}
