namespace EmbeddedRepl.Tests.Transport;

/// <summary>A call on a dedicated thread. The limit is there so that a failure is a failed test and not a hanging run.</summary>
internal sealed class BackgroundCall
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Thread _thread;
    private Exception? _exception;

    public BackgroundCall(Action call)
    {
        using SemaphoreSlim started = new(0);
        _thread = new Thread(() =>
        {
            started.Release();
            _exception = Record.Exception(call);
        })
        { IsBackground = true };
        _thread.Start();
        Assert.True(started.Wait(Limit));
    }

    public Exception? Join()
    {
        Assert.True(_thread.Join(Limit), "The call did not end.");
        return _exception;
    }
}
