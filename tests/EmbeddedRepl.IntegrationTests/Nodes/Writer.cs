namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>Writes to a master from a thread of its own, some thousand times per second, until it is disposed of.</summary>
internal sealed class Writer : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _isStopping;
    private Exception? _failure;
    private long _writes;

    public Writer(TestNode master, int keys = 100, int size = 100)
    {
        _thread = new Thread(() =>
        {
            try
            {
                for (long i = 0; !_isStopping; i++)
                {
                    byte[] value = new byte[size];
                    BitConverter.TryWriteBytes(value, i);
                    master.Set($"written {i % keys}", value);
                    Interlocked.Increment(ref _writes);
                    if (i % 8 == 0)
                    {
                        Thread.Sleep(1);
                    }
                }
            }
#pragma warning disable CA1031 // Rethrown where the test sees it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _failure = exception;
            }
        })
        { IsBackground = true, Name = "writer" };
        _thread.Start();
    }

    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Waits until so many further writes have returned: writers are not held up.</summary>
    public void WaitForMore(TestNode master, int count)
    {
        long wanted = Writes + count;
        master.WaitUntil(() => Writes >= wanted || _failure is not null, () => "writes go on");
        Assert.Null(_failure);
    }

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        Assert.Null(_failure);
    }
}
