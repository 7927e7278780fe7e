using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Turns what a caller asked for into absolute UTC milliseconds of the master's clock. Rounds up, so that nothing expires
/// earlier than asked; what lies past the end of the calendar means its end. Reads the clock only if a duration is given.
/// </summary>
internal static class DeadlineClock
{
    public static EntryExpiration Resolve(in WriteExpiration asked, TimeProvider time)
    {
        if (asked is { AbsoluteUtc: null, Relative: null, Sliding: null })
        {
            return EntryExpiration.None;
        }

        long absolute = 0;
        long now = 0;
        if (asked.Relative is not null || asked.Sliding is not null)
        {
            now = time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        }

        if (asked.Relative is { } relative)
        {
            absolute = Add(now, relative);
        }
        else if (asked.AbsoluteUtc is { } deadline)
        {
            // The earliest deadline that can be written: 0 means none, and a moment before 1970 is long past anyway.
            absolute = Math.Clamp(CeilingToMilliseconds(deadline.UtcTicks - DateTimeOffset.UnixEpoch.Ticks), 1, EntryExpiration.MaxDeadline);
        }

        if (asked.Sliding is not { } sliding)
        {
            return new EntryExpiration(absolute, 0, 0);
        }

        long window = Math.Clamp(CeilingToMilliseconds(sliding.Ticks), 1, EntryExpiration.MaxDeadline);
        long slidingDeadline = Add(now, sliding);
        return new EntryExpiration(absolute == 0 ? slidingDeadline : Math.Min(absolute, slidingDeadline), window, absolute);
    }

    /// <summary>What a forwarded write asked for, in milliseconds and as of the moment at which the master applies it; 0 is none.</summary>
    /// <param name="absolute">A deadline that the caller gave; it travels unchanged, also if it has passed since.</param>
    /// <param name="relative">A duration that the caller gave; wins over the deadline.</param>
    /// <param name="window">A sliding window.</param>
    /// <param name="nowMs">The master's clock in UTC milliseconds.</param>
    public static EntryExpiration Resolve(long absolute, long relative, long window, long nowMs)
    {
        long cap = relative > 0 ? AddMilliseconds(nowMs, relative) : Math.Clamp(absolute, 0, EntryExpiration.MaxDeadline);
        if (window <= 0)
        {
            return new EntryExpiration(cap, 0, 0);
        }

        long deadline = AddMilliseconds(nowMs, window);
        return new EntryExpiration(cap == 0 ? deadline : Math.Min(cap, deadline), Math.Min(window, EntryExpiration.MaxDeadline), cap);
    }

    /// <summary>What a caller asked for, as it travels: milliseconds, rounded up; 0 is none.</summary>
    public static (long Absolute, long Relative, long Window) ToWire(in WriteExpiration asked) => (
        asked is { Relative: null, AbsoluteUtc: { } deadline }
            ? Math.Clamp(CeilingToMilliseconds(deadline.UtcTicks - DateTimeOffset.UnixEpoch.Ticks), 1, EntryExpiration.MaxDeadline)
            : 0,
        ToWire(asked.Relative),
        ToWire(asked.Sliding));

    private static long ToWire(TimeSpan? duration) =>
        duration is { } some ? Math.Clamp(CeilingToMilliseconds(some.Ticks), 1, EntryExpiration.MaxDeadline) : 0;

    private static long AddMilliseconds(long now, long duration) =>
        duration >= EntryExpiration.MaxDeadline - now ? EntryExpiration.MaxDeadline : Math.Max(1, now + duration);

    private static long Add(long now, TimeSpan duration)
    {
        // The sum is rounded, not its parts: a clock that stands between two milliseconds must not shorten the duration.
        const long MaxTicks = EntryExpiration.MaxDeadline * TimeSpan.TicksPerMillisecond;
        return duration.Ticks >= MaxTicks - now ? EntryExpiration.MaxDeadline : Math.Max(1, CeilingToMilliseconds(now + duration.Ticks));
    }

    private static long CeilingToMilliseconds(long ticks)
    {
        long milliseconds = ticks / TimeSpan.TicksPerMillisecond;
        return ticks % TimeSpan.TicksPerMillisecond > 0 ? milliseconds + 1 : milliseconds;
    }
}
