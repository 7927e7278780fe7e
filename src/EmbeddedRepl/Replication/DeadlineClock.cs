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
