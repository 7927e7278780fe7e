using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// The index: extendible hashing. A directory, chosen by the top bits of the hash, leads to blocks of 1,024 slots with linear
/// probing inside. A full block alone is split, into two fresh ones; there is no moment at which the whole index grows.
/// Changed under the gate; <see cref="BlockOf"/> and the slots need no gate.
/// </summary>
internal sealed class HashIndex
{
    /// <summary>The depth of an empty index: 16 blocks. These bits of the hash are not in the tag.</summary>
    public const int MinDepth = 4;

    /// <summary>
    /// The depth at which blocks are not split any more, so that <see cref="BlockPlace"/> has a number for every block, and the bits that
    /// choose the block are not those of the home group. Reached at about 1.5 billion entries.
    /// </summary>
    public const int MaxDepth = BlockPlace.BlockBits - 1;

    /// <summary>A block with that many slots taken, tombstones included, is split or rebuilt before another one is taken.</summary>
    public const int FullBlock = IndexBlockPool.BlockSlots * 85 / 100;

    private const int SplitFromLive = FullBlock * 60 / 100;

    private readonly IndexBlockPool _blocks;
    private readonly StripeGenerations _generations;
    private readonly WriterProbe _probe;
    private IndexBlockInfo[] _infos = new IndexBlockInfo[1 << MinDepth];
    private uint[] _directory = new uint[1 << MinDepth];

    public HashIndex(IndexBlockPool blocks, StripeGenerations generations, WriterProbe probe)
    {
        _blocks = blocks;
        _generations = generations;
        _probe = probe;
        for (int i = 0; i < _directory.Length; i++)
        {
            _directory[i] = _blocks.PlaceOf(TakeBlock(MinDepth, long.MaxValue)).Word;
        }
    }

    /// <summary>The block that holds the hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int BlockOf(ulong hash) => PlaceOf(hash).Block;

    /// <summary>The block that holds the hash, and where it lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BlockPlace PlaceOf(ulong hash)
    {
        uint[] directory = Volatile.Read(ref _directory);
        return new BlockPlace(Volatile.Read(ref directory[(int)(hash >> (33 + BitOperations.LeadingZeroCount((uint)directory.Length)))]));
    }

    /// <summary>Looks where an entry of that hash most likely is: at the first slot of eight that has its tag; that counts as a use. For readers.</summary>
    /// <returns>The address of an entry that may be the one; 0 if there is none, which does not say that it does not exist.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long FindLikely(ulong hash)
    {
        uint tag = IndexSlot.TagOf(hash);
        BlockPlace place = PlaceOf(hash);
        ulong[] slab = _blocks.SlabOf(place);
        int home = IndexSlot.Home(tag);
        int others = IndexSlot.CountOthers(slab, place.First + home, tag);
        ref ulong found = ref slab[place.First + home + others];
        ulong slot = Volatile.Read(ref found);
        if (!SlotUses.IsSaturatedOf(slot, tag))
        {
            if (IndexSlot.Tag(slot) != tag || !IndexSlot.IsEntry(slot))
            {
                return 0;
            }

            // Now, while the slot is at hand; that it is the entry is nearly certain, and a mistaken use does no harm.
            SlotUses.Count(ref found, slot);
        }

        return IndexSlot.Address(slot);
    }

    /// <summary>As <see cref="FindLikely"/>, and counts as nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long PeekLikely(ulong hash)
    {
        uint tag = IndexSlot.TagOf(hash);
        BlockPlace place = PlaceOf(hash);
        ulong[] slab = _blocks.SlabOf(place);
        int home = place.First + IndexSlot.Home(tag);
        ulong slot = slab[home + IndexSlot.CountOthers(slab, home, tag)];
        return IndexSlot.Tag(slot) == tag && IndexSlot.IsEntry(slot) ? IndexSlot.Address(slot) : 0;
    }

    /// <summary>The first slot at which a search begins, whatever it holds, and something of what the writer knows of its block: to have the memory of both loaded. Needs no gate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong PeekHome(ulong hash)
    {
        BlockPlace place = PlaceOf(hash);
        IndexBlockInfo[] infos = _infos;
        ulong info = (uint)place.Block < (uint)infos.Length ? (uint)infos[place.Block].Live : 0;
        return info + _blocks.SlabOf(place)[place.First + IndexSlot.Home(IndexSlot.TagOf(hash))];
    }

    /// <summary>Asks for what <see cref="PeekHome"/> reads. Needs no gate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchHome(ulong hash)
    {
        BlockPlace place = PlaceOf(hash);
        IndexBlockInfo[] infos = _infos;
        if ((uint)place.Block < (uint)infos.Length)
        {
            ProcessorCache.Prefetch(ref infos[place.Block]);
        }

        ProcessorCache.Prefetch(ref _blocks.SlabOf(place)[place.First + IndexSlot.Home(IndexSlot.TagOf(hash))]);
    }

    /// <summary>The slab of a block, for readers.</summary>
    public ulong[] SlabOf(BlockPlace place) => _blocks.SlabOf(place);

    /// <summary>The slots of a block, for the writer.</summary>
    public Span<ulong> Slots(int block) => _blocks.Slots(block);

    /// <inheritdoc cref="Slots(int)"/>
    public Span<ulong> Slots(BlockPlace place) => _blocks.Slots(place);

    /// <summary>Which slots hold newcomers; null while nobody asks.</summary>
    public NewcomerMarks? Newcomers => _blocks.Newcomers;

    /// <summary>What the writer knows of a block.</summary>
    public ref IndexBlockInfo Info(int block) => ref _infos[block];

    /// <summary>Whether the block must be split or rebuilt before an empty slot of it is taken.</summary>
    public bool IsFull(int block) => _infos[block].Live + _infos[block].Tombstones >= FullBlock;

    /// <summary>
    /// Points a slot to an entry. Release: whoever sees the slot sees the entry. If it is the slot of that key already, its uses are kept; a new one has none, or as many
    /// as can be while nobody asks, so that readers need not count them.
    /// </summary>
    public void Publish(int block, int position, ulong hash, long address)
    {
        ref ulong target = ref Slots(block)[position];
        ulong before = target;
        int uses;
        if (IndexSlot.IsEntry(before))
        {
            uses = SlotUses.Of(before);
        }
        else
        {
            uses = _blocks.Newcomers is null ? SlotUses.Max : 0;
            _infos[block].Live++;
            _infos[block].Tombstones -= before == IndexSlot.Tombstone ? 1 : 0;
        }

        Volatile.Write(ref target, SlotUses.With(IndexSlot.Of(IndexSlot.TagOf(hash), address), uses));
    }

    /// <summary>Takes an entry out. What it was is unreachable for readers who begin now.</summary>
    public void Remove(int block, int position)
    {
        Span<ulong> slots = Slots(block);
        ref IndexBlockInfo info = ref _infos[block];
        info.Live--;
        if (slots[IndexSlot.After(position)] != IndexSlot.Empty)
        {
            info.Tombstones++;
            Volatile.Write(ref slots[position], IndexSlot.Tombstone);
            return;
        }

        // No search that passes here finds anything behind, so neither this slot nor the tombstones right before it are needed.
        Volatile.Write(ref slots[position], IndexSlot.Empty);
        int before = (position - 1) & (IndexBlockPool.BlockSlots - 1);
        while (slots[before] == IndexSlot.Tombstone)
        {
            info.Tombstones--;
            Volatile.Write(ref slots[before], IndexSlot.Empty);
            before = (before - 1) & (IndexBlockPool.BlockSlots - 1);
        }
    }

    /// <summary>Makes room in the block of a hash: splits it, or rebuilds it if it is full of tombstones rather than of entries.</summary>
    /// <exception cref="StoreFullException">The limit is reached; nothing has changed for readers.</exception>
    public void MakeRoom(ulong hash)
    {
        int block = BlockOf(hash);
        if (_infos[block].Live < SplitFromLive)
        {
            Rebuild(hash, block);
        }
        else
        {
            Split(hash, block);
        }
    }

    /// <summary>Splits blocks until every one has at least that depth.</summary>
    /// <exception cref="StoreFullException">The limit is reached; some blocks may have been split.</exception>
    public void Deepen(int depth)
    {
        ulong hash = 0;
        do
        {
            int block = BlockOf(hash);
            while (_infos[block].Depth < depth)
            {
                Split(hash, block);
                block = BlockOf(hash);
            }

            hash = EndOfRange(hash, _infos[block].Depth);
        }
        while (hash != 0);
    }

    /// <summary>The first hash behind the range of a block; 0 behind the last one.</summary>
    public static ulong EndOfRange(ulong hash, int depth) => ((hash >> (64 - depth)) + 1) << (64 - depth);

    private int TakeBlock(int depth, long minDeadline)
    {
        int block = _blocks.Take();
        if (block >= _infos.Length)
        {
            Array.Resize(ref _infos, _infos.Length * 2);
        }

        _infos[block] = new IndexBlockInfo { Depth = depth, MinDeadline = minDeadline };
        return block;
    }

    private void Rebuild(ulong hash, int block)
    {
        int fresh = TakeBlock(_infos[block].Depth, _infos[block].MinDeadline);
        Span<ulong> slots = Slots(block);
        for (int position = 0; position < slots.Length; position++)
        {
            if (IndexSlot.IsEntry(slots[position]))
            {
                Move(block, position, fresh);
            }
        }

        _probe.At(WriterStep.IndexBlocksFilled);
        PublishBlock(hash, _infos[fresh].Depth, fresh);
        Retire(hash, block);
    }

    private void Split(ulong hash, int block)
    {
        int depth = _infos[block].Depth;
        if (depth == MaxDepth)
        {
            throw new StoreFullException($"The index has reached its limit, 2^{MaxDepth} blocks.");
        }

        if (1 << depth == _directory.Length)
        {
            DoubleDirectory();
        }

        int lower = TakeBlock(depth + 1, _infos[block].MinDeadline);
        int upper;
        try
        {
            upper = TakeBlock(depth + 1, _infos[block].MinDeadline);
        }
        catch (StoreFullException)
        {
            _blocks.Recycle(lower);
            throw;
        }

        Span<ulong> slots = Slots(block);
        for (int position = 0; position < slots.Length; position++)
        {
            if (IndexSlot.IsEntry(slots[position]))
            {
                Move(block, position, IndexSlot.BranchBit(slots[position], depth) ? upper : lower);
            }
        }

        _probe.At(WriterStep.IndexBlocksFilled);
        ulong branch = 1UL << (63 - depth);
        PublishBlock(hash & ~branch, depth + 1, lower);
        PublishBlock(hash | branch, depth + 1, upper);
        Retire(hash, block);
    }

    private void Move(int from, int fromPosition, int block)
    {
        ulong slot = Slots(from)[fromPosition];
        Span<ulong> slots = Slots(block);
        int position = IndexSlot.Home(IndexSlot.Tag(slot));
        while (slots[position] != IndexSlot.Empty)
        {
            position = IndexSlot.After(position);
        }

        slots[position] = slot;
        _infos[block].Live++;
        _blocks.Newcomers?.Move(from, fromPosition, block, position);
    }

    private void DoubleDirectory()
    {
        uint[] larger = new uint[_directory.Length * 2];
        for (int i = 0; i < larger.Length; i++)
        {
            larger[i] = _directory[i / 2];
        }

        Volatile.Write(ref _directory, larger);
    }

    private void PublishBlock(ulong hash, int depth, int block)
    {
        int directoryDepth = int.Log2(_directory.Length);
        int first = (int)(hash >> (64 - depth)) << (directoryDepth - depth);
        uint place = _blocks.PlaceOf(block).Word;
        foreach (ref uint entry in _directory.AsSpan(first, 1 << (directoryDepth - depth)))
        {
            Volatile.Write(ref entry, place);
            _probe.At(WriterStep.DirectoryEntryPublished);
        }
    }

    private void Retire(ulong hash, int block)
    {
        Debug.Assert(BlockOf(hash) != block);
        _generations.BumpPrefix(hash, _infos[block].Depth);
        _blocks.Recycle(block);
        _probe.At(WriterStep.IndexBlockRecycled);
    }
}
