using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.Tests.Replication.Robustness;

public sealed class EventQueueTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<string> _heard = [];
    private readonly ManualResetEventSlim _entered = new();
    private readonly ManualResetEventSlim _release = new();
    private readonly EventQueue _queue;

    public EventQueueTests() =>
        _queue = new EventQueue("test", 3, Overflow.DropNewest, count => _heard.Add($"{count} dropped"), exception => _heard.Add(exception.Message));

    public void Dispose()
    {
        _release.Set();
        Assert.True(_queue.End(Patience));
        _entered.Dispose();
        _release.Dispose();
    }

    [Fact]
    public void Post_SeveralPieces_RunInOrderOnAnotherThread()
    {
        int thread = Environment.CurrentManagedThreadId;
        _queue.Post(() => _heard.Add(Environment.CurrentManagedThreadId == thread ? "here" : "elsewhere"));
        _queue.Post(() => _heard.Add("second"));
        Assert.True(_queue.Flush(Patience));
        _queue.Post(() => _heard.Add("third"));
        Assert.True(_queue.Flush(Patience));

        Assert.Equal(["elsewhere", "second", "third"], _heard);
    }

    [Fact]
    public void Post_MoreThanFitsWhileAPieceBlocks_ReturnsAndTellsWhereHowManyAreMissing()
    {
        Block();
        for (int i = 0; i < 7; i++)
        {
            int number = i;
            _queue.Post(() => _heard.Add($"{number}"));
        }

        Assert.False(_queue.Flush(TimeSpan.Zero));
        _release.Set();
        Assert.True(_queue.Flush(Patience));
        _queue.Post(() => _heard.Add("later"));
        Assert.True(_queue.Flush(Patience));

        Assert.Equal(["0", "1", "2", "4 dropped", "later"], _heard);
    }

    [Fact]
    public void Post_PieceThrows_IsReportedAndTheNextOneRuns()
    {
        _queue.Post(() => throw new InvalidOperationException("a handler's fault"));
        _queue.Post(() => _heard.Add("next"));
        Assert.True(_queue.Flush(Patience));

        Assert.Equal(["a handler's fault", "next"], _heard);
    }

    [Fact]
    public void Flush_CalledByAPiece_DoesNotWaitForItself()
    {
        _queue.Post(() => _heard.Add($"{_queue.Flush(Patience)}"));
        Assert.True(_queue.Flush(Patience));

        Assert.Equal(["False"], _heard);
    }

    [Fact]
    public void Post_AfterTheEnd_StillRuns()
    {
        Assert.True(_queue.End(Patience));
        _queue.Post(() => _heard.Add("late"));
        Assert.True(_queue.Flush(Patience));

        Assert.Equal(["late"], _heard);
    }

    [Fact]
    public void Post_MoreThanFitsWhereTheOldestGo_KeepsTheNewestAndTellsAtOnce()
    {
        long dropped = 0;
        var queue = new EventQueue("test", 3, Overflow.DropOldest, count => dropped += count, exception => _heard.Add(exception.Message));
        Block(queue);
        for (int i = 0; i < 7; i++)
        {
            int number = i;
            queue.Post(() => _heard.Add($"{number}"));
        }

        Assert.Equal(4, dropped);
        _release.Set();
        Assert.True(queue.End(Patience));
        Assert.Equal(["4", "5", "6"], _heard);
    }

    private void Block() => Block(_queue);

    private void Block(EventQueue queue)
    {
        queue.Post(() =>
        {
            _entered.Set();
            _release.Wait(Patience);
        });
        Assert.True(_entered.Wait(Patience));
    }
}
