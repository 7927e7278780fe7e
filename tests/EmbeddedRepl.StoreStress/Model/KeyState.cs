using EmbeddedRepl.Storage;

namespace EmbeddedRepl.StoreStress.Model;

/// <summary>One state that a key has for a while.</summary>
/// <param name="Offset">The replication offset of the set that made it, which the value carries; 0 if there is no entry.</param>
/// <param name="LastChange">The replication offset of that set, or of the last touch.</param>
/// <param name="Expiration">When it ends.</param>
internal readonly record struct KeyState(long Offset, long LastChange, EntryExpiration Expiration)
{
    public static KeyState Absent => default;

    public bool IsAbsent => Offset == 0;

    /// <summary>Whether a read that began at that time may still have seen it.</summary>
    public bool MayBeSeen(long begin) => !IsAbsent && begin < Latest;

    /// <summary>Whether a read that ended at that time may have found nothing.</summary>
    /// <param name="end">When it ended.</param>
    /// <param name="lastRead">When the entry was last read for certain before that read began; 0 if that is not known.</param>
    public bool MayBeMissed(long end, long lastRead) => IsAbsent || end >= Earliest(lastRead);

    private long Latest => Expiration switch
    {
        { Deadline: 0 } => long.MaxValue,
        { IsSliding: false } => Expiration.Deadline,
        { AbsoluteCap: 0 } => long.MaxValue,
        _ => Expiration.AbsoluteCap,
    };

    private long Earliest(long lastRead)
    {
        if (Expiration.Deadline == 0)
        {
            return long.MaxValue;
        }

        long extended = Expiration.IsSliding && lastRead != 0 ? Math.Max(Expiration.Deadline, lastRead + Expiration.SlidingWindow) : Expiration.Deadline;
        return Expiration.AbsoluteCap == 0 ? extended : Math.Min(extended, Expiration.AbsoluteCap);
    }
}
