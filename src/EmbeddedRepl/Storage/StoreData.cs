using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// One data set in memory: index, entries and what belongs to them. A clear replaces it as a whole.
/// The writer's members are for the holder of the gate; <see cref="Find"/> needs no gate.
/// </summary>
internal sealed class StoreData
{
    private const int MaxPeekedBytes = 4 * ProcessorCache.Line;

    private readonly SegmentPool _pool;
    private readonly IndexBlockPool _indexBlocks;
    private long _count;

    public StoreData(SegmentPool pool, long maxBytes, WriterProbe probe, bool isRetired = false)
    {
        _pool = pool;
        IsRetired = isRetired;
        Budget = new MemoryBudget(maxBytes);
        Extensions = new ExtensionTable(Budget);
        Allocator = new EntryAllocator(Segments, pool, Budget);
        _indexBlocks = new IndexBlockPool(pool, Budget);
        Index = new HashIndex(_indexBlocks, Generations, probe);
        LimitChanged();
    }

    /// <summary>Whether this stands in for the data of a store that was replaced; it has no entries.</summary>
    public bool IsRetired { get; }

    public MemoryBudget Budget { get; }

    public StripeGenerations Generations { get; } = new();

    public SegmentTable Segments { get; } = new();

    public ExtensionTable Extensions { get; }

    public EntryAllocator Allocator { get; }

    public HashIndex Index { get; }

    /// <summary>Chooses what is evicted; null without a limit.</summary>
    public EvictionPolicy? Eviction { get; private set; }

    /// <summary>Memory that cannot be evicted, in bytes: the index, what belongs to it, and extensions.</summary>
    public long FixedBytes => Budget.UsedBytes - Allocator.PageBytes - Allocator.DedicatedBytes;

    /// <summary>Number of entries, expired ones included. Changed under the gate, readable without it.</summary>
    public long Count
    {
        get => Volatile.Read(ref _count);
        set => Volatile.Write(ref _count, value);
    }

    /// <summary>The running digest; for the holder of the gate.</summary>
    public StoreDigest Digest { get; set; }

    /// <summary>The budget has another limit: what eviction has to know is kept from now on, or no longer.</summary>
    /// <exception cref="StoreFullException">The process has no memory left for it; nothing has changed.</exception>
    public void LimitChanged()
    {
        bool isLimited = Budget.MaxBytes != long.MaxValue;
        if (isLimited == Eviction is not null)
        {
            return;
        }

        // Slots keep their uses. What was inserted without a limit has as many as can be, which says nothing of any entry, and the policy's hand takes them away
        // as it takes those of hot ones, in bounded bites; to do it here would hold up all writers. What was inserted under a limit that is taken away, readers count up to
        // the same, at most three times an entry.
        _indexBlocks.KeepNewcomers(isLimited);
        Eviction?.Release();
        Eviction = _indexBlocks.Newcomers is { } newcomers ? new EvictionPolicy(Index, newcomers, Budget) : null;
    }

    /// <summary>
    /// Looks for an entry without the gate.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="generation">The key's stripe.</param>
    /// <param name="expected">What it said before.</param>
    /// <param name="isUse">Whether eviction is to know that the entry was used.</param>
    /// <param name="isLikelyCounted">Whether <see cref="HashIndex.FindLikely"/> was asked before, so that what it finds knows already.</param>
    /// <param name="entry">The entry; its header and key were read while the stripe said the same.</param>
    /// <returns>A miss is not yet checked against the stripe; the caller does.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FindResult Find(in StoreKey key, ref long generation, long expected, bool isUse, bool isLikelyCounted, out EntryView entry)
    {
        uint tag = IndexSlot.TagOf(key.Hash);
        BlockPlace place = Index.PlaceOf(key.Hash);
        ulong[] slab = Index.SlabOf(place);
        int first = place.First;
        int position = IndexSlot.Home(tag);

        // A recycled block may have no empty slot, so the search is bounded by the block.
        for (int i = 0; i < IndexBlockPool.BlockSlots; i++)
        {
            ref ulong at = ref slab[first + position];
            ulong slot = Volatile.Read(ref at);
            if (IndexSlot.Tag(slot) == tag && IndexSlot.IsEntry(slot))
            {
                if (!TryView(IndexSlot.Address(slot), ref generation, expected, out entry))
                {
                    return FindResult.Changed;
                }

                if (entry.Key.SequenceEqual(key.Bytes))
                {
                    // One read that were counted twice would be as good as two, which is what makes a newcomer stay.
                    bool isCounted = isLikelyCounted && i < IndexSlot.GroupSlots;
                    if (isUse && !isCounted && !SlotUses.IsSaturated(slot))
                    {
                        SlotUses.Count(ref at, slot);
                    }

                    return FindResult.Found;
                }

                // The likely one was another one, which happens to have the same tag.
                isLikelyCounted = false;
            }
            else if (slot == IndexSlot.Empty)
            {
                break;
            }

            position = IndexSlot.After(position);
        }

        entry = default;
        return FindResult.Missing;
    }

    /// <summary>The header of whatever lies at an address now, or nothing: to have its memory loaded. Needs no gate, so what it says may be nonsense.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EntryHeader Peek(long address)
    {
        byte[]? segment = Segments.Find(EntryAddress.SegmentOf(address));
        int offset = EntryAddress.OffsetOf(address);
        return segment is not null && offset <= segment.Length - EntryHeader.BaseSize ? EntryHeader.Read(segment.AsSpan(offset)) : default;
    }

    /// <summary>
    /// Something of each line of the processor's cache that an entry of that size at an address would lie in, the first few of a large one: to have its memory loaded. An overwrite compares
    /// the key, and the next entry of that size is written where this one lay. Needs no gate.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PeekLines(long address, int size)
    {
        ReadOnlySpan<byte> bytes = FirstBytes(address, size);
        int read = 0;
        for (int line = 0; line < bytes.Length; line += ProcessorCache.Line)
        {
            read += bytes[line];
        }

        return bytes.IsEmpty ? read : read + bytes[^1];
    }

    /// <summary>Asks for what <see cref="PeekLines"/> reads. Needs no gate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchLines(long address, int size)
    {
        ReadOnlySpan<byte> bytes = FirstBytes(address, size);
        for (int line = 0; line < bytes.Length; line += ProcessorCache.Line)
        {
            ProcessorCache.Prefetch(in bytes[line]);
        }

        if (!bytes.IsEmpty)
        {
            ProcessorCache.Prefetch(in bytes[^1]);
        }
    }

    /// <summary>Views an entry without the gate: reads its header and checks it against the stripe before the lengths are used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryView(long address, ref long generation, long expected, out EntryView entry)
    {
        byte[]? segment = Segments.Find(EntryAddress.SegmentOf(address));
        int offset = EntryAddress.OffsetOf(address);
        if (segment is null || offset > segment.Length - EntryHeader.BaseSize)
        {
            entry = default;
            return false;
        }

        ReadOnlySpan<byte> memory = segment.AsSpan(offset);
        EntryHeader header = EntryHeader.Read(memory);
        if (!StripeGenerations.IsUnchanged(ref generation, expected))
        {
            entry = default;
            return false;
        }

        entry = new EntryView(memory, header, SegmentTable.IsDedicated(segment));
        return true;
    }

    /// <summary>Looks for an entry under the gate.</summary>
    public SlotPosition Locate(in StoreKey key)
    {
        uint tag = IndexSlot.TagOf(key.Hash);
        BlockPlace place = Index.PlaceOf(key.Hash);
        ReadOnlySpan<ulong> slots = Index.Slots(place);
        int position = IndexSlot.Home(tag);

        // An entry that exists is nearly always in its home group, and nothing that is vacant matters then.
        int likely = position + IndexSlot.CountOthers(slots, position, tag);
        if (IsEntryOf(slots[likely], tag, key))
        {
            return new SlotPosition(place.Block, likely, IndexSlot.Address(slots[likely]));
        }

        int vacant = -1;
        while (slots[position] != IndexSlot.Empty)
        {
            ulong slot = slots[position];
            if (slot == IndexSlot.Tombstone)
            {
                vacant = vacant < 0 ? position : vacant;
            }
            else if (IsEntryOf(slot, tag, key))
            {
                return new SlotPosition(place.Block, position, IndexSlot.Address(slot));
            }

            position = IndexSlot.After(position);
        }

        return new SlotPosition(place.Block, vacant < 0 ? position : vacant, SlotPosition.NoEntry);
    }

    private bool IsEntryOf(ulong slot, uint tag, in StoreKey key) =>
        IndexSlot.Tag(slot) == tag && IndexSlot.IsEntry(slot) && View(IndexSlot.Address(slot)).Key.SequenceEqual(key.Bytes);

    // What lies at an address now, as far as it is worth looking at ahead; nothing where there is no memory any more.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> FirstBytes(long address, int size)
    {
        byte[]? segment = Segments.Find(EntryAddress.SegmentOf(address));
        int offset = EntryAddress.OffsetOf(address);
        int length = segment is null ? 0 : Math.Min(segment.Length - offset, Math.Min(size, MaxPeekedBytes));
        return length > 0 ? segment.AsSpan(offset, length) : default;
    }

    /// <summary>Finds the slot of the entry at an address, under the gate.</summary>
    /// <exception cref="UnreachableException">The index does not know the entry: a mistake of this library. Better one change that fails than a search that never ends and holds the gate.</exception>
    public SlotPosition LocateAddress(ulong hash, long address)
    {
        ulong wanted = IndexSlot.Of(IndexSlot.TagOf(hash), address);
        int block = Index.BlockOf(hash);
        ReadOnlySpan<ulong> slots = Index.Slots(block);
        int position = IndexSlot.Home(IndexSlot.TagOf(hash));
        while (SlotUses.Without(slots[position]) != wanted)
        {
            if (slots[position] == IndexSlot.Empty)
            {
                throw new UnreachableException("The index has lost an entry whose memory is in use.");
            }

            position = IndexSlot.After(position);
        }

        return new SlotPosition(block, position, address);
    }

    /// <summary>Views an entry under the gate.</summary>
    public EntryView View(long address)
    {
        byte[] segment = Segments.Find(EntryAddress.SegmentOf(address))!;
        ReadOnlySpan<byte> memory = segment.AsSpan(EntryAddress.OffsetOf(address));
        return new EntryView(memory, EntryHeader.Read(memory), SegmentTable.IsDedicated(segment));
    }

    /// <summary>Tells all readers that this data is gone, and gives its memory to the pool. For the writer, after another data set is in place.</summary>
    public void Recycle()
    {
        // Before the bump: a reader who has found this data, and then loads a generation that is bumped already, would see nothing change any more.
        byte[]?[] segments = Segments.RemoveAll();
        Generations.BumpPrefix(0, 0);
        _indexBlocks.ReturnSlabs();
        foreach (byte[]? segment in segments)
        {
            if (segment is not null && !SegmentTable.IsDedicated(segment))
            {
                _pool.Return(segment);
            }
        }
    }
}
