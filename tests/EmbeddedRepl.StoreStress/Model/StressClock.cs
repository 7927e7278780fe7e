namespace EmbeddedRepl.StoreStress.Model;

/// <summary>A clock that a writer moves, so that it is known what a reader can have seen at most. Thread-safe.</summary>
internal sealed class StressClock : TimeProvider
{
    /// <summary>When it begins, in UTC milliseconds.</summary>
    public const long Origin = 1_800_000_000_000;

    private long _milliseconds = Origin;

    public override long TimestampFrequency => 1_000;

    /// <summary>UTC milliseconds.</summary>
    public long Now
    {
        get => Volatile.Read(ref _milliseconds);
        set => Volatile.Write(ref _milliseconds, value);
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Now);

    public override long GetTimestamp() => Now - Origin;
}
