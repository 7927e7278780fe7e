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
    private UsageMarks? _marks;
    private int _next;

    /// <summary>The number after the highest one ever used.</summary>
    public int End => _next;

    /// <summary>What is known of the use of each slot; null while nobody asks.</summary>
    public UsageMarks? Marks => _marks;

    /// <summary>Memory of the blocks in use, their marks included, in bytes.</summary>
    public long UsedBytes => (long)(_next - _free.Count) * BytesPerBlock;

    private int BytesPerBlock => BlockBytes + (_marks is null ? 0 : UsageMarks.BytesPerBlock);

    /// <summary>Notes that a read found an entry in a slot, if anybody asks. Any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void NoteUse(int block, int position)
    {
        if (_marks is { } marks)
        {
            marks.Note(block, position);
        }
    }

    /// <summary>Begins to note the use of slots, with none so far, or forgets them.</summary>
    /// <exception cref="StoreFullException">The process has no memory left; nothing has changed.</exception>
    public void KeepMarks(bool value)
    {
        if (value == (_marks is not null))
        {
            return;
        }

        budget.Release(UsedBytes);
        try
        {
            UsageMarks? marks = value ? new UsageMarks() : null;
            marks?.EnsureSlabs(_slabs.Length);
            Volatile.Write(ref _marks, marks);
        }
        finally
        {
            budget.Add(UsedBytes);
        }
    }

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
        budget.Take(BytesPerBlock);
        if (!_free.TryPop(out int block))
        {
            if (_next == _slabs.Length << BlockBits)
            {
                AddSlab();
            }

            block = _next++;
        }

        Slots(block).Clear();
        _marks?.Clear(block);
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
            _marks?.EnsureSlabs(_slabs.Length + 1);
            slab = pool.RentSlab();
        }
        catch (StoreFullException)
        {
            budget.Release(BytesPerBlock);
            throw;
        }

        Volatile.Write(ref _slabs, [.. _slabs, slab]);
    }
}
