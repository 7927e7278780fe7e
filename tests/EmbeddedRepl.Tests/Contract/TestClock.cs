namespace EmbeddedRepl.Tests.Contract;

/// <summary>A clock that stands still until it is told otherwise.</summary>
internal sealed class TestClock : TimeProvider
{
    private long _ticks = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks;

    public int Reads { get; private set; }

    public DateTimeOffset Now => new(_ticks, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow()
    {
        Reads++;
        return Now;
    }

    public void Advance(TimeSpan by) => _ticks += by.Ticks;
}
