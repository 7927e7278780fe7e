namespace EmbeddedRepl.Replication;

/// <summary>
/// One reading of both clocks, taken by the loop that calls into the core. The core owns no clock, so that a whole
/// cluster can be run on virtual time.
/// </summary>
/// <param name="Milliseconds">A monotonic clock with any origin, in milliseconds; all timers count on it.</param>
/// <param name="UtcMilliseconds">Wall clock in milliseconds since 1970-01-01 UTC; deadlines of entries count on it.</param>
internal readonly record struct Moment(long Milliseconds, long UtcMilliseconds)
{
    public static Moment From(TimeProvider time) => new(MillisecondsOf(time), time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The monotonic clock alone.</summary>
    public static long MillisecondsOf(TimeProvider time) => time.GetTimestamp() / Math.Max(1, time.TimestampFrequency / 1000);
}
