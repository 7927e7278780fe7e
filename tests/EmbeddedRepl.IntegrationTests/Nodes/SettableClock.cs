namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A wall clock that stands where a test puts it, over timers that run as usual: links keep working while deadlines are under control.</summary>
internal sealed class SettableClock(DateTimeOffset utcNow) : TimeProvider
{
    private long _utcTicks = utcNow.UtcTicks;

    public DateTimeOffset Now
    {
        get => new(Volatile.Read(ref _utcTicks), TimeSpan.Zero);
        set => Volatile.Write(ref _utcTicks, value.UtcTicks);
    }

    public override DateTimeOffset GetUtcNow() => Now;
}
