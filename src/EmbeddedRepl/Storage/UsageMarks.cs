using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// What eviction knows of each slot of the index, beside the slots and outside of the entries: how often it was used lately (one byte, 0 to <see cref="MaxUses"/>), and
/// whether its entry is a newcomer (one bit). Readers write the first without a gate and without an atomic operation: two that do so at once may lose a use, and one
/// that is held up may mark the entry that took the slot meanwhile. Both are hints, and neither leads to memory. The bit is the writer's alone. Exists only
/// while there is a limit.
/// </summary>
internal sealed class UsageMarks
{
    /// <summary>More uses than that are not told apart; a hot entry is not written to again.</summary>
    public const int MaxUses = 3;

    /// <summary>Memory per block of the index, in bytes.</summary>
    public const int BytesPerBlock = IndexBlockPool.BlockSlots + (WordsPerBlock * sizeof(ulong));

    private const int WordsPerBlock = IndexBlockPool.BlockSlots / 64;
    private const int BlocksPerSlab = IndexBlockPool.SlabSlots / IndexBlockPool.BlockSlots;

    private byte[][] _uses = [];
    private ulong[][] _newcomers = [];

    /// <summary>A read found an entry in this slot. Any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Note(int block, int position)
    {
        // A reader may know of a slab before it sees its marks.
        byte[][] slabs = _uses;
        uint slab = (uint)block / BlocksPerSlab;
        if (slab < (uint)slabs.Length)
        {
            ref byte uses = ref slabs[slab][SlotOf(block, position)];
            if (uses < MaxUses)
            {
                uses++;
            }
        }
    }

    /// <summary>The uses of a slot; for the writer.</summary>
    public ref byte Uses(int block, int position) => ref _uses[block / BlocksPerSlab][SlotOf(block, position)];

    /// <summary>The uses of a block's slots; for the writer.</summary>
    public Span<byte> Uses(int block) => _uses[block / BlocksPerSlab].AsSpan(SlotOf(block, 0), IndexBlockPool.BlockSlots);

    /// <summary>Whether a slot holds a newcomer; for the writer.</summary>
    public bool IsNewcomer(int block, int position) => (Newcomers(block)[position / 64] >> (position % 64) & 1) != 0;

    /// <summary>Changes whether a slot holds a newcomer; for the writer.</summary>
    public void SetNewcomer(int block, int position, bool value)
    {
        ref ulong word = ref Newcomers(block)[position / 64];
        ulong bit = 1UL << (position % 64);
        word = value ? word | bit : word & ~bit;
    }

    /// <summary>The newcomers of a block, a bit each; for the writer.</summary>
    public Span<ulong> Newcomers(int block) =>
        _newcomers[block / BlocksPerSlab].AsSpan(block % BlocksPerSlab * WordsPerBlock, WordsPerBlock);

    /// <summary>An entry moves to another slot; for the writer.</summary>
    public void Move(int block, int position, int newBlock, int newPosition)
    {
        Uses(newBlock, newPosition) = Uses(block, position);
        SetNewcomer(newBlock, newPosition, IsNewcomer(block, position));
    }

    /// <summary>Forgets everything about a block; for the writer.</summary>
    public void Clear(int block)
    {
        Uses(block).Clear();
        Newcomers(block).Clear();
    }

    /// <summary>Makes room for so many slabs of slots; for the writer.</summary>
    /// <exception cref="StoreFullException">The process has no memory left; nothing has changed.</exception>
    public void EnsureSlabs(int count)
    {
        while (_uses.Length < count)
        {
            try
            {
                _newcomers = [.. _newcomers, new ulong[BlocksPerSlab * WordsPerBlock]];
                Volatile.Write(ref _uses, [.. _uses, new byte[IndexBlockPool.SlabSlots]]);
            }
            catch (OutOfMemoryException e)
            {
                throw SegmentPool.OutOfMemory(e);
            }
        }
    }

    // Unsigned, because that is a shift and a mask.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SlotOf(int block, int position) => (int)((uint)block % BlocksPerSlab * IndexBlockPool.BlockSlots) + position;
}
