using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Replication;

public sealed class SendGovernorTests
{
    private readonly ManualTimeProvider _time = new();
    private int _asked;

    [Fact]
    public void BeforeSend_AfterAQuietTime_AsksNothingAndGoesOn()
    {
        var governor = new SendGovernor(_time);
        governor.Sent(moreWaits: true, replicas: 1);
        _time.Advance(TimeSpan.FromMicroseconds(100));
        governor.BeforeSend(() => Ask(1));

        Assert.Equal(0, _asked);
    }

    [Fact]
    public void BeforeSend_RightAfterASend_WaitsAHundredMicrosecondsAtMost()
    {
        var governor = new SendGovernor(_time);
        governor.Sent(moreWaits: true, replicas: 1);
        TimeSpan before = _time.Elapsed;
        governor.BeforeSend(() => Ask(1));

        Assert.Equal(TimeSpan.FromMicroseconds(100), _time.Elapsed - before);
        Assert.Equal(10, _asked);
    }

    [Theory]
    [InlineData(1, 25)]
    [InlineData(3, 75)]
    [InlineData(50, 100)]
    public void BeforeSend_EverythingHadBeenSent_WaitsForAShareOfTheSends(int replicas, int microseconds)
    {
        var governor = new SendGovernor(_time);
        governor.Sent(moreWaits: false, replicas);
        Assert.False(governor.IsQuiet);
        TimeSpan before = _time.Elapsed;
        governor.BeforeSend(() => Ask(1));

        // It looks every ten microseconds.
        Assert.InRange((_time.Elapsed - before).TotalMicroseconds, microseconds, microseconds + 10);
        Assert.True(governor.IsQuiet);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16 * 1024)]
    public void BeforeSend_NothingOrEnoughWaits_GoesOnAtOnce(long pending)
    {
        var governor = new SendGovernor(_time);
        governor.Sent(moreWaits: true, replicas: 1);
        governor.BeforeSend(() => Ask(pending));

        Assert.Equal(1, _asked);
    }

    // Each question takes ten microseconds.
    private long Ask(long pending)
    {
        _asked++;
        _time.Advance(TimeSpan.FromMicroseconds(10));
        return pending;
    }
}
