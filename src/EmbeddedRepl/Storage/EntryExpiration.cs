namespace EmbeddedRepl.Storage;

/// <summary>When an entry ends; 0 means "none" in each field.</summary>
/// <param name="Deadline">The moment from which the entry is expired, in UTC milliseconds since 1970. Required with a sliding window.</param>
/// <param name="SlidingWindow">By how much a read extends the entry, counted from the read, in milliseconds.</param>
/// <param name="AbsoluteCap">The moment that no extension passes, in UTC milliseconds since 1970. Only with a sliding window.</param>
internal readonly record struct EntryExpiration(long Deadline, long SlidingWindow, long AbsoluteCap)
{
    /// <summary>The latest moment that can be stored, in UTC milliseconds: the end of the year 9999.</summary>
    public const long MaxDeadline = 253_402_300_799_999;

    /// <summary>Never.</summary>
    public static EntryExpiration None => default;

    /// <summary>Whether reads extend the entry.</summary>
    public bool IsSliding => SlidingWindow != 0;

    /// <summary>Refuses values that no entry can have.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A field is negative or beyond <see cref="MaxDeadline"/>, or a window or cap stands alone.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)Deadline, (ulong)MaxDeadline, nameof(Deadline));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)SlidingWindow, (ulong)MaxDeadline, nameof(SlidingWindow));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)AbsoluteCap, (ulong)MaxDeadline, nameof(AbsoluteCap));
        if ((SlidingWindow != 0 && Deadline == 0) || (AbsoluteCap != 0 && SlidingWindow == 0))
        {
            throw new ArgumentOutOfRangeException(nameof(SlidingWindow), SlidingWindow, "A sliding window needs a deadline, and a cap needs a sliding window.");
        }
    }
}
