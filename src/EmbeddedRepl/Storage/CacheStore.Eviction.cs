namespace EmbeddedRepl.Storage;

/// <content>Room for what is written, within a limit. The store chooses what goes; its owner removes it, because a removal is a record of the stream, too.</content>
internal sealed partial class CacheStore
{
    // What a write may need besides the entry: two blocks of the index, and a chunk of extensions.
    private const long WriteReserve = 64 << 10;

    /// <summary>The most memory that the store may use, in bytes; <see cref="long.MaxValue"/> for no limit. Any thread reads it; the caller who changes it holds the gate.</summary>
    /// <exception cref="StoreFullException">The process has no memory for what eviction needs to know; nothing was changed.</exception>
    public long MaxBytes
    {
        get => Volatile.Read(ref _data).Budget.MaxBytes;
        set
        {
            StoreData data = DataForWriting();
            long before = data.Budget.MaxBytes;
            data.Budget.MaxBytes = value;
            try
            {
                data.LimitChanged();
            }
            catch (StoreFullException)
            {
                data.Budget.MaxBytes = before;
                throw;
            }
        }
    }

    /// <summary>
    /// Whether so much is stored that something ought to be evicted: the limit less a headroom is passed, not counting freed memory that is used again or
    /// compacted away. The caller holds the gate.
    /// </summary>
    public bool IsOverTarget
    {
        get
        {
            StoreData data = _data;
            return data.Eviction is not null && data.Count > 0 && data.Budget.UsedBytes - data.Allocator.FreedBytes > data.Budget.TargetBytes;
        }
    }

    /// <summary>Size of an entry in bytes, as it is stored.</summary>
    public static int EntrySize(int keyLength, int valueLength, in EntryExpiration expiration) => new EntryHeader(keyLength, valueLength, expiration).EntrySize;

    /// <summary>Whether an entry of that size would fit if there were nothing else. The caller holds the gate.</summary>
    public bool CouldHold(int entrySize)
    {
        StoreData data = DataForWriting();
        return EntryAllocator.LargestNeed(entrySize) + WriteReserve <= data.Budget.MaxBytes - data.FixedBytes;
    }

    /// <summary>Whether an entry of that size fits now. The caller holds the gate.</summary>
    public bool HasRoomFor(int entrySize) => DataForWriting().Allocator.HasRoomFor(entrySize, WriteReserve);

    /// <summary>Turns freed memory into memory that any entry can use, as far as some moves of entries go. The caller holds the gate.</summary>
    /// <returns>Whether there was anything to do.</returns>
    public bool CompactForRoom()
    {
        const int Moves = 64;

        EntryAllocator allocator = DataForWriting().Allocator;
        return (allocator.FreedBytes > 0 && _compactor.Step(Moves)) || allocator.DrainMagazines();
    }

    /// <summary>Chooses an entry to evict. The caller holds the gate.</summary>
    /// <param name="candidate">The entry; valid until the next change.</param>
    /// <returns>False if there is none, or no limit.</returns>
    public bool TryChooseVictim(out EvictionCandidate candidate)
    {
        StoreData data = DataForWriting();
        if (data.Eviction is not { } eviction || data.Count == 0)
        {
            candidate = default;
            return false;
        }

        candidate = eviction.Choose(data.Count);
        return true;
    }

    /// <summary>The key of an entry that was chosen. The caller holds the gate; valid until the next change.</summary>
    public ReadOnlySpan<byte> KeyOf(in EvictionCandidate candidate) => DataForWriting().View(candidate.Slot.Address).Key;

    /// <summary>Removes an entry that was chosen. The caller holds the gate, and has changed nothing since.</summary>
    public void Evict(in EvictionCandidate candidate)
    {
        StoreData data = DataForWriting();
        data.Eviction!.Evicting(candidate, data.Count);
        RemoveAt(data, candidate.Slot, candidate.Hash);
        if (data.Count == 0 && data.FixedBytes > data.Budget.TargetBytes)
        {
            // The index itself is beyond the limit, because that was lowered. Without entries it can begin anew.
            Clear();
        }
    }
}
