namespace EmbeddedRepl.Storage;

/// <content>Deadlines: hiding what has expired, extending what slides, and finding what is to be removed.</content>
internal sealed partial class CacheStore
{
    // A sliding entry asks to be touched each time that reads have extended it by another eighth of its window.
    private const int TouchesPerWindow = 8;

    private ulong _sweepHash;
    private volatile bool _deadlinesAreForeign;

    /// <summary>
    /// Whether the entries' deadlines are of another node's clock, as on a replica. That clock may differ from the one here by more than a window, so
    /// reads are then measured against the reads before them and not against the deadline; how long ago they were is for that node to judge. Any thread.
    /// </summary>
    public bool DeadlinesAreForeign
    {
        get => _deadlinesAreForeign;
        set => _deadlinesAreForeign = value;
    }

    /// <summary>Takes the oldest extension that ought to become a record. Any thread.</summary>
    public bool TryDequeueTouch(out PendingTouch touch) => _touches.TryDequeue(out touch);

    /// <summary>
    /// Extends a sliding entry as a read on this node would have done at an earlier moment. A read that came after the entry had expired by this node's
    /// clock does not count, nor does one of another version. The caller holds the gate.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The version that was read.</param>
    /// <param name="readAtMs">When it was read, in UTC milliseconds of this node's clock.</param>
    /// <returns>Whether the read counted.</returns>
    public bool ExtendAt(in StoreKey key, long version, long readAtMs)
    {
        if (!TryFindSliding(key, version, out SlidingState sliding) || readAtMs >= sliding.EffectiveDeadline)
        {
            return false;
        }

        Extend(_data, key, sliding, readAtMs);
        return true;
    }

    /// <summary>Tells how far reads on this node have extended a sliding entry. The caller holds the gate.</summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The version that is meant.</param>
    /// <param name="deadline">In UTC ms of this node's clock, not limited by the entry's cap where deadlines are foreign; 0 if it is not extended.</param>
    /// <returns>Whether that version is here.</returns>
    public bool TryGetExtension(in StoreKey key, long version, out long deadline)
    {
        bool found = TryFindSliding(key, version, out SlidingState sliding);
        deadline = found ? ExtensionTable.DeadlineOf(sliding.Word) : 0;
        return found;
    }

    /// <summary>
    /// Looks for expired entries, going on where the last call stopped; blocks in which nothing can have expired are skipped. The entries stay;
    /// the caller, who holds the gate, removes them. Sliding entries whose deadline is near, and that were read since without asking for a touch, ask for
    /// it here: so the deadline that other nodes know does not pass while reads here keep the entry.
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

    private int SweepBlock(StoreData data, int block, long nowMs, ICollection<byte[]> expiredKeys)
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
            long next = deadline;
            if (entry.Header.IsSliding)
            {
                var sliding = SlidingState.Read(entry, data.Extensions);
                deadline = sliding.EffectiveDeadline;
                next = nowMs < deadline ? LookAhead(entry, sliding, nowMs) : deadline;
            }

            earliest = Math.Min(earliest, next);
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

    /// <summary>Sees to it that a sliding entry that is alive does not expire elsewhere.</summary>
    /// <returns>When it has to be looked at again, in UTC ms.</returns>
    private long LookAhead(EntryView entry, in SlidingState sliding, long nowMs)
    {
        long lookAt = LookAt(sliding.Deadline, sliding.Window);
        if (nowMs < lookAt)
        {
            return lookAt;
        }

        long extended = sliding.EffectiveDeadline;
        if (extended <= sliding.Deadline)
        {
            // Whatever read comes from now on crosses a step, and asks for itself.
            return sliding.Deadline;
        }

        long age = Math.Max(0, nowMs - (extended - sliding.Window));
        _touches.Enqueue(entry.Key, sliding.Version, extended, sliding.Window, MonotonicMilliseconds() - age);
        return LookAt(extended, sliding.Window);
    }

    /// <summary>When a sliding entry has to be looked at, so that no extension is forgotten; in UTC ms.</summary>
    private static long LookAt(long deadline, long window) => deadline - (window / TouchesPerWindow);

    private bool TryReadExpiring<TTarget>(
        StoreData data, scoped StoreKey key, scoped EntryView entry, ref long generation, long expected, ref TTarget target, out ReadOutcome outcome)
        where TTarget : struct, IReadTarget, allows ref struct
    {
        // All that the extension needs is read before the check: afterwards the memory may be another entry's.
        bool isSliding = entry.Header.IsSliding;
        SlidingState sliding = isSliding ? SlidingState.Read(entry, data.Extensions) : default;
        long deadline = isSliding ? sliding.EffectiveDeadline : entry.Deadline;
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

    private bool TryFindSliding(in StoreKey key, long version, out SlidingState sliding)
    {
        sliding = default;
        StoreData data = DataForWriting();
        SlotPosition slot = data.Locate(key);
        if (!slot.IsFound)
        {
            return false;
        }

        EntryView entry = data.View(slot.Address);
        if (!entry.Header.IsSliding || entry.Version != version)
        {
            return false;
        }

        sliding = SlidingState.Read(entry, data.Extensions);
        return true;
    }

    private void Extend(StoreData data, scoped StoreKey key, SlidingState sliding, long now)
    {
        // The cap is of the same clock as the deadline: where that is another one, only whoever has that clock can apply it.
        bool isForeign = _deadlinesAreForeign;
        long limit = isForeign || sliding.Cap == 0 ? EntryExpiration.MaxDeadline : sliding.Cap;
        long extended = Math.Min(now + sliding.Window, limit);
        long start = isForeign ? 0 : sliding.Deadline;
        long word = sliding.Word;
        long before;
        do
        {
            before = Math.Max(start, ExtensionTable.DeadlineOf(word));
            if (extended <= before || !ExtensionTable.IsSameEntry(word, sliding.Word))
            {
                return;
            }
        }
        while (!data.Extensions.TryExtend(sliding.Extension, ref word, extended));

        // Exactly one reader moves the word across each step, so that at most a handful of touches per window are asked for, however many reads
        // there are, and a touch that gets lost is asked for again at the next step. The last stretch to the cap counts as a step.
        long step = Math.Max(1, sliding.Window / TouchesPerWindow);
        bool crossesStep = (extended - start) / step > (before - start) / step;
        if (crossesStep || extended == sliding.Cap)
        {
            _touches.Enqueue(key.Bytes, sliding.Version, extended, sliding.Window, MonotonicMilliseconds());
        }
    }

    private long MonotonicMilliseconds() => _time.GetTimestamp() / Math.Max(1, _time.TimestampFrequency / 1000);

    /// <summary>What a read of a sliding entry has to know to extend it.</summary>
    private readonly record struct SlidingState(long Version, long Deadline, long Window, long Cap, int Extension, long Word)
    {
        /// <summary>When the entry ends for this node, in UTC ms.</summary>
        public long EffectiveDeadline
        {
            get
            {
                long extended = ExtensionTable.DeadlineOf(Word);
                return Math.Max(Deadline, Cap == 0 ? extended : Math.Min(extended, Cap));
            }
        }

        public static SlidingState Read(scoped EntryView entry, ExtensionTable extensions)
        {
            int extension = entry.Extension;
            return new SlidingState(entry.Version, entry.Deadline, entry.SlidingWindow, entry.AbsoluteCap, extension, extensions.Read(extension));
        }
    }
}
