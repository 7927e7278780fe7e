using System.Runtime.InteropServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Where a block of the index lies, as the directory says it: 15 bits of slab, 7 bits of block in the slab, and 10 bits of shift, the slots that are
/// left out at the slab's beginning. So one word leads to the slots, and none of its parts has to be looked up.
/// </summary>
/// <param name="Word">The bits.</param>
internal readonly record struct BlockPlace(uint Word)
{
    /// <summary>How many bits the number of a block has.</summary>
    public const int BlockBits = 32 - IndexBlockPool.SlotBits;

    /// <summary>How many of these choose the block in its slab.</summary>
    public const int BlockInSlabBits = 7;

    private const int SlabShift = BlockInSlabBits + IndexBlockPool.SlotBits;

    /// <summary>The block's number.</summary>
    public int Block => (int)(Word >> IndexBlockPool.SlotBits);

    /// <summary>The number of its slab.</summary>
    public int Slab => (int)(Word >> SlabShift);

    /// <summary>Its first slot in the slab.</summary>
    public int First => (int)(Word & ((1u << SlabShift) - 1));

    /// <summary>Composes a place.</summary>
    /// <param name="block">The block's number.</param>
    /// <param name="shift">How many slots its slab leaves out, from <see cref="ShiftOf"/>.</param>
    public static BlockPlace Of(int block, int shift) => new(((uint)block << IndexBlockPool.SlotBits) | (uint)shift);

    /// <summary>How many slots a slab leaves out, so that the others begin at a line of the processor's cache.</summary>
    /// <param name="slab">The slab, pinned, so that the answer stays true.</param>
    public static int ShiftOf(ulong[] slab)
    {
        long start = Marshal.UnsafeAddrOfPinnedArrayElement(slab, 0);
        return (int)(-start / sizeof(ulong)) & (IndexSlot.GroupSlots - 1);
    }
}
