using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// The blocks of the index, 1,024 slots each, cut from slabs of 1 MiB. Blocks that a growth leaves behind are reused by the next one.
/// Changed under the gate; <see cref="Find"/> needs no gate.
/// </summary>
internal sealed class IndexBlockPool(SegmentPool pool, MemoryBudget budget)
{
    /// <summary>Slots in a block.</summary>
    public const int BlockSlots = 1 << SlotBits;

    /// <summary>Slots in a slab.</summary>
    public const int SlabSlots = BlockSlots << BlockBits;

    /// <summary>How many bits of the hash choose the slot.</summary>
    public const int SlotBits = 10;

    private const int BlockBits = 7;
    private const int BlockBytes = BlockSlots * sizeof(ulong);

    private readonly Stack<int> _free = new();
    private ulong[][] _slabs = [];
    private int _next;

    /// <summary>The number after the highest one ever used.</summary>
    public int End => _next;

    /// <summary>The slab of a block and the block's first slot in it. The number comes from the directory, and slabs are never taken away from a store, so it is in range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong[] Find(int block, out int first)
    {
        first = (block & ((1 << BlockBits) - 1)) << SlotBits;
        return Volatile.Read(ref _slabs)[block >> BlockBits];
    }

    /// <summary>The slots of a block, for the writer.</summary>
    public Span<ulong> Slots(int block)
    {
        ulong[] slab = Find(block, out int first);
        return slab.AsSpan(first, BlockSlots);
    }

    /// <summary>Takes a block; all its slots are empty.</summary>
    /// <exception cref="StoreFullException">The limit is reached; nothing has changed.</exception>
    public int Take()
    {
        budget.Take(BlockBytes);
        if (!_free.TryPop(out int block))
        {
            if (_next == _slabs.Length << BlockBits)
            {
                AddSlab();
            }

            block = _next++;
        }

        Slots(block).Clear();
        return block;
    }

    /// <summary>Takes a block back; it may be written to at once, so the caller has bumped the stripes of its range before.</summary>
    public void Recycle(int block)
    {
        budget.Release(BlockBytes);
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
            slab = pool.RentSlab();
        }
        catch (StoreFullException)
        {
            budget.Release(BlockBytes);
            throw;
        }

        Volatile.Write(ref _slabs, [.. _slabs, slab]);
    }
}
