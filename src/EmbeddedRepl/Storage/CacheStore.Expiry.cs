namespace EmbeddedRepl.Storage;

/// <content>Deadlines: hiding what has expired, extending what slides, and finding what is to be removed.</content>
internal sealed partial class CacheStore
{
    // A sliding entry asks to be touched each time that reads have extended it by another eighth of its window.
    private const int TouchesPerWindow = 8;

    private ulong _sweepHash;

    /// <summary>Takes the oldest extension that ought to become a record. Any thread.</summary>
    public bool TryDequeueTouch(out PendingTouch touch) => _touches.TryDequeue(out touch);

    /// <summary>
    /// Looks for expired entries, going on where the last call stopped; blocks in which nothing can have expired are skipped. The entries stay;
    /// the caller, who holds the gate, removes them.
    /// </summary>
    /// <param name="nowMs">The time in UTC milliseconds.</param>
    /// <param name="maxEntriesExamined">After that many entries the call ends; it finishes the index block that it is in (fewer than 1,024 entries).</param>
    /// <param name="expiredKeys">Receives the keys' bytes (copies).</param>
    /// <returns>How many keys were added.</returns>
    public int CollectExpired(long nowMs, int maxEntriesExamined, ICollection<byte[]> expiredKeys)
    {
        const int AllRanges = 1 << HashIndex.MaxDepth;

        StoreData data = DataForWriting();
        int found = 0;
        int examined = 0;
        int covered = 0;
        do
        {
            int block = data.Index.BlockOf(_sweepHash);
            int depth = data.Index.Info(block).Depth;
            if (data.Index.Info(block).MinDeadline <= nowMs)
            {
                examined += data.Index.Info(block).Live;
                found += SweepBlock(data, block, nowMs, expiredKeys);
            }

            _sweepHash = HashIndex.EndOfRange(_sweepHash, depth);
            covered += AllRanges >> depth;
        }
        while (covered < AllRanges && examined < maxEntriesExamined);

        return found;
    }

    private static int SweepBlock(StoreData data, int block, long nowMs, ICollection<byte[]> expiredKeys)
    {
        int found = 0;
        long earliest = long.MaxValue;
        foreach (ulong slot in data.Index.Slots(block))
        {
            if (!IndexSlot.IsEntry(slot))
            {
                continue;
            }

            EntryView entry = data.View(IndexSlot.Address(slot));
            if (!entry.Header.Expires)
            {
                continue;
            }

            long deadline = entry.Deadline;
            if (entry.Header.IsSliding)
            {
                deadline = Math.Max(deadline, ExtensionTable.DeadlineOf(data.Extensions.Read(entry.Extension)));
            }

            earliest = Math.Min(earliest, deadline);
            if (deadline <= nowMs)
            {
                expiredKeys.Add(entry.Key.ToArray());
                found++;
            }
        }

        // Extensions only move deadlines back, so this stays a lower bound until the next set.
        data.Index.Info(block).MinDeadline = earliest;
        return found;
    }

    private bool TryReadExpiring<TTarget>(
        StoreData data, scoped StoreKey key, scoped EntryView entry, ref long generation, long expected, ref TTarget target, out ReadOutcome outcome)
        where TTarget : struct, IReadTarget, allows ref struct
    {
        // All that the extension needs is read before the check: afterwards the memory may be another entry's.
        bool isSliding = entry.Header.IsSliding;
        SlidingState sliding = isSliding ? SlidingState.Read(entry, data.Extensions) : default;
        long deadline = isSliding ? Math.Max(sliding.Deadline, ExtensionTable.DeadlineOf(sliding.Word)) : entry.Deadline;
        long now = TTarget.IsObserver ? long.MinValue : _time.GetUtcNow().ToUnixTimeMilliseconds();
        bool isLive = now < deadline;

        // A dedicated array stays what it is, so its (long) copying needs no check afterwards.
        bool isChecked = entry.IsDedicated && StripeGenerations.IsUnchanged(ref generation, expected);
        bool isAccepted = isLive && target.TryAccept(entry, deadline);
        if (!isChecked && !StripeGenerations.IsUnchanged(ref generation, expected))
        {
            outcome = default;
            return false;
        }

        outcome = isAccepted ? ReadOutcome.Hit : isLive ? ReadOutcome.DestinationTooSmall : ReadOutcome.Miss;
        if (isSliding && isLive && !TTarget.IsObserver)
        {
            Extend(data, key, sliding, now);
        }

        return true;
    }

    private void Extend(StoreData data, scoped StoreKey key, SlidingState sliding, long now)
    {
        long limit = sliding.Cap == 0 ? EntryExpiration.MaxDeadline : sliding.Cap;
        long extended = Math.Min(now + sliding.Window, limit);
        long word = sliding.Word;
        long before;
        do
        {
            before = Math.Max(sliding.Deadline, ExtensionTable.DeadlineOf(word));
            if (extended <= before || !ExtensionTable.IsSameEntry(word, sliding.Word))
            {
                return;
            }
        }
        while (!data.Extensions.TryExtend(sliding.Extension, ref word, extended));

        // Exactly one reader moves the word across each step, so that at most a handful of touches per window are asked for, however many reads
        // there are, and a touch that gets lost is asked for again at the next step. The last stretch to the cap counts as a step.
        long step = Math.Max(1, sliding.Window / TouchesPerWindow);
        bool crossesStep = (extended - sliding.Deadline) / step > (before - sliding.Deadline) / step;
        if (crossesStep || extended == sliding.Cap)
        {
            _touches.Enqueue(key.Bytes, sliding.Version, extended);
        }
    }

    /// <summary>What a read of a sliding entry has to know to extend it.</summary>
    private readonly record struct SlidingState(long Version, long Deadline, long Window, long Cap, int Extension, long Word)
    {
        public static SlidingState Read(scoped EntryView entry, ExtensionTable extensions)
        {
            int extension = entry.Extension;
            return new SlidingState(entry.Version, entry.Deadline, entry.SlidingWindow, entry.AbsoluteCap, extension, extensions.Read(extension));
        }
    }
}
