namespace EmbeddedRepl.Tests.Storage;

/// <summary>A clock that stands until it is moved, and counts how often it was read.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _milliseconds = 1_800_000_000_000;
    private int _reads;

    public int Reads => Volatile.Read(ref _reads);

    /// <summary>UTC milliseconds.</summary>
    public long Now
    {
        get => Volatile.Read(ref _milliseconds);
        set => Volatile.Write(ref _milliseconds, value);
    }

    public override DateTimeOffset GetUtcNow()
    {
        Interlocked.Increment(ref _reads);
        return DateTimeOffset.FromUnixTimeMilliseconds(Now);
    }
}
