using System.Net.Sockets;

namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>Threads that each write blocks to a socket as they become due.</summary>
internal sealed class CopyThreads : IDisposable
{
    private readonly AutoResetEvent[] _events;
    private readonly Thread[] _threads;
    private int _due;
    private volatile bool _isFinished;

    public CopyThreads(Socket[] sockets, int blockSize)
    {
        _events = [.. sockets.Select(_ => new AutoResetEvent(false))];
        _threads = [.. sockets.Select((socket, number) => new Thread(() => Run(socket, blockSize, _events[number])))];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>One more block is due to each socket.</summary>
    public void SendOneMore()
    {
        Interlocked.Increment(ref _due);
        Array.ForEach(_events, signal => signal.Set());
    }

    /// <summary>Waits until all that is due was sent.</summary>
    public void Finish()
    {
        _isFinished = true;
        Array.ForEach(_events, signal => signal.Set());
        Array.ForEach(_threads, thread => thread.Join());
    }

    public void Dispose()
    {
        Finish();
        Array.ForEach(_events, signal => signal.Dispose());
    }

    private void Run(Socket socket, int blockSize, AutoResetEvent signal)
    {
        byte[] block = new byte[blockSize];
        int sent = 0;
        while (true)
        {
            bool isLast = _isFinished;
            for (; sent < Volatile.Read(ref _due); sent++)
            {
                CopyChild.Send(socket, block);
            }

            if (isLast)
            {
                return;
            }

            signal.WaitOne();
        }
    }
}
