using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// The blocks of the index, 1,024 slots each, cut from slabs of 1 MiB. Blocks that a growth leaves behind are reused by the next one.
/// Changed under the gate; <see cref="SlabOf"/> needs no gate.
/// </summary>
internal sealed class IndexBlockPool(SegmentPool pool, MemoryBudget budget)
{
    /// <summary>Slots in a block.</summary>
    public const int BlockSlots = 1 << SlotBits;

    /// <summary>Slots of the blocks of a slab.</summary>
    public const int SlabSlots = BlockSlots * BlocksPerSlab;

    /// <summary>Length of a slab: before its first block up to 7 slots are left out, so that groups of slots are lines of the processor's cache.</summary>
    public const int SlabLength = SlabSlots + IndexSlot.GroupSlots - 1;

    /// <summary>How many bits of the hash choose the slot.</summary>
    public const int SlotBits = 10;

    private const int BlocksPerSlab = 1 << BlockPlace.BlockInSlabBits;
    private const int BlockBytes = BlockSlots * sizeof(ulong);

    private readonly Stack<int> _free = new();
    private ulong[][] _slabs = [];
    private int[] _shifts = [];
    private NewcomerMarks? _newcomers;
    private int _next;

    /// <summary>The number after the highest one ever used.</summary>
    public int End => _next;

    /// <summary>Which slots hold newcomers; null while nobody asks.</summary>
    public NewcomerMarks? Newcomers => _newcomers;

    /// <summary>Memory of the blocks in use, their marks included, in bytes.</summary>
    public long UsedBytes => (long)(_next - _free.Count) * BytesPerBlock;

    private int BytesPerBlock => BlockBytes + (_newcomers is null ? 0 : NewcomerMarks.BytesPerBlock);

    /// <summary>Begins to tell newcomers apart, with none so far, or forgets them.</summary>
    /// <exception cref="StoreFullException">The process has no memory left; nothing has changed.</exception>
    public void KeepNewcomers(bool value)
    {
        if (value == (_newcomers is not null))
        {
            return;
        }

        budget.Release(UsedBytes);
        try
        {
            NewcomerMarks? newcomers = value ? new NewcomerMarks() : null;
            newcomers?.EnsureSlabs(_slabs.Length);
            _newcomers = newcomers;
        }
        finally
        {
            budget.Add(UsedBytes);
        }
    }

    /// <summary>The slab of a block. The place comes from the directory, and slabs are never taken away from a store, so it is in range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong[] SlabOf(BlockPlace place) => Volatile.Read(ref _slabs)[place.Slab];

    /// <summary>Where a block lies.</summary>
    public BlockPlace PlaceOf(int block) => BlockPlace.Of(block, _shifts[block / BlocksPerSlab]);

    /// <summary>The slots of a block, for the writer.</summary>
    public Span<ulong> Slots(int block) => Slots(PlaceOf(block));

    /// <summary>The slots of the block at a place, for the writer.</summary>
    public Span<ulong> Slots(BlockPlace place) => SlabOf(place).AsSpan(place.First, BlockSlots);

    /// <summary>Takes a block; all its slots are empty.</summary>
    /// <exception cref="StoreFullException">The limit is reached; nothing has changed.</exception>
    public int Take()
    {
        budget.Take(BytesPerBlock);
        if (!_free.TryPop(out int block))
        {
            if (_next == _slabs.Length * BlocksPerSlab)
            {
                AddSlab();
            }

            block = _next++;
        }

        // Slot by slot, each in one store: bytes of an old slot that were left for a moment might be one that a late reader compares with (SlotUses).
        foreach (ref ulong slot in Slots(block))
        {
            Volatile.Write(ref slot, IndexSlot.Empty);
        }

        _newcomers?.Clear(block);
        return block;
    }

    /// <summary>Takes a block back; it may be written to at once, so the caller has bumped the stripes of its range before.</summary>
    public void Recycle(int block)
    {
        budget.Release(BytesPerBlock);
        _free.Push(block);
    }

    /// <summary>Hands all slabs to the segment pool; the caller has bumped all stripes, and nothing is taken from here any more.</summary>
    public void ReturnSlabs()
    {
        foreach (ulong[] slab in _slabs)
        {
            pool.Return(slab);
        }
    }

    private void AddSlab()
    {
        ulong[] slab;
        try
        {
            _newcomers?.EnsureSlabs(_slabs.Length + 1);
            slab = pool.RentSlab();
        }
        catch (StoreFullException)
        {
            budget.Release(BytesPerBlock);
            throw;
        }

        _shifts = [.. _shifts, BlockPlace.ShiftOf(slab)];
        Volatile.Write(ref _slabs, [.. _slabs, slab]);
    }
}
