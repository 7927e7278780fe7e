using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Replication;

[Trait("Behaviour", "E1")]
public sealed class DeadlineClockTests
{
    private const long Now = 1_893_456_000_000;

    private readonly ManualTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Now));

    [Fact]
    public void Resolve_NothingAsked_IsNever() => Assert.Equal(EntryExpiration.None, Resolve());

    [Theory]
    [InlineData(0, 10_000, 1)]
    [InlineData(0, 1, 1)]
    [InlineData(0, 10_001, 2)]
    [InlineData(0, 600_000_000, 60_000)]
    [InlineData(9_000, 10_000, 2)]
    [InlineData(9_999, 1, 1)]
    [InlineData(1, 10_000, 2)]
    public void Resolve_Relative_RoundsTheSumOfClockAndDurationUp(long clockTicks, long askedTicks, long expectedAfterNow)
    {
        // A clock between two milliseconds must not shorten what was asked for.
        _time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(Now).AddTicks(clockTicks));

        Assert.Equal(new EntryExpiration(Now + expectedAfterNow, 0, 0), Resolve(relative: TimeSpan.FromTicks(askedTicks)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(10_000, 1)]
    public void Resolve_Absolute_RoundsUp(long ticks, long expectedAfterNow) => Assert.Equal(
        new EntryExpiration(Now + expectedAfterNow, 0, 0), Resolve(DateTimeOffset.FromUnixTimeMilliseconds(Now).AddTicks(ticks)));

    [Fact]
    public void Resolve_BothAbsoluteAndRelative_RelativeWins() => Assert.Equal(
        new EntryExpiration(Now + 5_000, 0, 0),
        Resolve(DateTimeOffset.FromUnixTimeMilliseconds(Now + 1), TimeSpan.FromSeconds(5)));

    [Fact]
    public void Resolve_Sliding_BeginsOneWindowFromNow() =>
        Assert.Equal(new EntryExpiration(Now + 5_000, 5_000, 0), Resolve(sliding: TimeSpan.FromSeconds(5)));

    [Theory]
    [InlineData(3_000, 3_000)]
    [InlineData(8_000, 5_000)]
    public void Resolve_SlidingWithACap_BeginsWithTheEarlierOfBoth(long cap, long expectedAfterNow) => Assert.Equal(
        new EntryExpiration(Now + expectedAfterNow, 5_000, Now + cap),
        Resolve(relative: TimeSpan.FromMilliseconds(cap), sliding: TimeSpan.FromSeconds(5)));

    [Fact]
    public void Resolve_PastTheEndOfTheCalendar_MeansItsEnd()
    {
        Assert.Equal(new EntryExpiration(EntryExpiration.MaxDeadline, 0, 0), Resolve(relative: TimeSpan.MaxValue));
        Assert.Equal(new EntryExpiration(EntryExpiration.MaxDeadline, 0, 0), Resolve(DateTimeOffset.MaxValue));
        Assert.Equal(
            new EntryExpiration(EntryExpiration.MaxDeadline, EntryExpiration.MaxDeadline, 0), Resolve(sliding: TimeSpan.MaxValue));
    }

    [Fact]
    public void Resolve_BeforeTheEpoch_IsTheEarliestDeadlineAndNotNever() =>
        Assert.Equal(new EntryExpiration(1, 0, 0), Resolve(DateTimeOffset.MinValue));

    private EntryExpiration Resolve(DateTimeOffset? absolute = null, TimeSpan? relative = null, TimeSpan? sliding = null) =>
        DeadlineClock.Resolve(new WriteExpiration(absolute, relative, sliding), _time);
}
