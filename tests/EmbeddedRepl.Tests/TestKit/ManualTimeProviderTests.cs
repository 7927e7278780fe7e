using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.TestKit;

public sealed class ManualTimeProviderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Advance_NoTimers_ClockAndTimestampMoveTogether()
    {
        DateTimeOffset before = _time.GetUtcNow();
        long timestamp = _time.GetTimestamp();

        _time.Advance(Second);

        Assert.Equal(before + Second, _time.GetUtcNow());
        Assert.Equal(Second, _time.GetElapsedTime(timestamp));
    }

    [Fact]
    public void SetUtcNow_Backward_TimestampsAndTimersDoNotNotice()
    {
        int fired = 0;
        using ITimer timer = _time.CreateTimer(_ => fired++, null, Second, Timeout.InfiniteTimeSpan);

        _time.SetUtcNow(DateTimeOffset.UnixEpoch);

        Assert.Equal(0, _time.GetTimestamp());
        _time.Advance(Second);
        Assert.Equal(1, fired);
        Assert.Equal(DateTimeOffset.UnixEpoch + Second, _time.GetUtcNow());
    }

    [Fact]
    public void Advance_SeveralTimers_FireInOrderOfDueTimeAndSeeTheirOwnTime()
    {
        List<(string Name, TimeSpan At)> fired = [];
        using ITimer late = _time.CreateTimer(_ => fired.Add(("late", _time.Elapsed)), null, 3 * Second, Timeout.InfiniteTimeSpan);
        using ITimer early = _time.CreateTimer(_ => fired.Add(("early", _time.Elapsed)), null, Second, Timeout.InfiniteTimeSpan);
        using ITimer later = _time.CreateTimer(_ => fired.Add(("later", _time.Elapsed)), null, 3 * Second, Timeout.InfiniteTimeSpan);

        _time.Advance(10 * Second);

        Assert.Equal([("early", Second), ("late", 3 * Second), ("later", 3 * Second)], fired);
        Assert.Equal(10 * Second, _time.Elapsed);
    }

    [Fact]
    public void Advance_PeriodicTimer_FiresOncePerPeriodUntilItIsDisposed()
    {
        int fired = 0;
        ITimer timer = _time.CreateTimer(_ => fired++, null, Second, 2 * Second);

        _time.Advance(5 * Second);
        Assert.Equal(3, fired);
        timer.Dispose();
        _time.Advance(5 * Second);

        Assert.Equal(3, fired);
        Assert.Equal(0, _time.ActiveTimers);
        Assert.False(timer.Change(Second, Second));
    }

    [Fact]
    public void Advance_CallbackStartsATimer_FiresWithinTheSameCall()
    {
        List<TimeSpan> fired = [];
        ITimer timer = null!;
        timer = _time.CreateTimer(
            _ =>
            {
                fired.Add(_time.Elapsed);
                timer.Change(2 * Second, Timeout.InfiniteTimeSpan);
            },
            null,
            Second,
            Timeout.InfiniteTimeSpan);

        _time.Advance(5 * Second);

        Assert.Equal([Second, 3 * Second, 5 * Second], fired);
    }

    [Fact]
    public async Task Advance_TaskDelayWithThisClock_Completes()
    {
        Task delay = Task.Delay(Second, _time);
        Assert.False(delay.IsCompleted);

        _time.Advance(Second);

        await delay.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Advance_FromManyThreads_EveryTickCountsOnce()
    {
        int fired = 0;
        using ITimer timer = _time.CreateTimer(_ => Interlocked.Increment(ref fired), null, Second, Second);

        Parallel.For(0, 100, _ => _time.Advance(Second));

        Assert.Equal(100 * Second, _time.Elapsed);
        Assert.Equal(100, fired);
    }
}
