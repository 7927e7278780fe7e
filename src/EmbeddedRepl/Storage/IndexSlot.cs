using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EmbeddedRepl.Storage;

/// <summary>
/// A slot of the index, 8 bytes: 26 bits of the hash (the tag, hash bits 59 to 34), 2 bits of <see cref="SlotUses"/>, 36 bits of <see cref="EntryAddress"/>.
/// The tag holds every bit that growth splits by and the home group (its low 7 bits), so growing never reads an entry.
/// </summary>
internal static class IndexSlot
{
    /// <summary>Nothing was ever here; a search ends.</summary>
    public const ulong Empty = 0;

    /// <summary>Something was here; a search goes on.</summary>
    public const ulong Tombstone = 1;

    /// <summary>The distance of two hashes that differ in the last bit that a slot knows.</summary>
    public const ulong HashStep = 1UL << UnknownHashBits;

    /// <summary>So many low bits of the hash are not in a slot.</summary>
    public const int UnknownHashBits = 34;

    /// <summary>Slots in a group: 64 bytes, a line of the cache of most processors. A search begins with a whole group.</summary>
    public const int GroupSlots = 8;

    private const int TagBits = 26;
    private const int TagShift = EntryAddress.Bits + SlotUses.Bits;
    private const int Groups = IndexBlockPool.BlockSlots / GroupSlots;

    /// <summary>Composes a slot whose entry was not used so far.</summary>
    public static ulong Of(uint tag, long address) => ((ulong)tag << TagShift) | (ulong)address;

    /// <summary>Whether the slot points to an entry.</summary>
    public static bool IsEntry(ulong slot) => slot > Tombstone;

    /// <summary>The tag of a hash.</summary>
    public static uint TagOf(ulong hash) => (uint)(hash >> UnknownHashBits) & ((1u << TagBits) - 1);

    /// <summary>The tag in a slot.</summary>
    public static uint Tag(ulong slot) => (uint)(slot >> TagShift);

    /// <summary>The address in a slot.</summary>
    public static long Address(ulong slot) => (long)(slot & ((1UL << EntryAddress.Bits) - 1));

    /// <summary>Where a search for the tag starts: at the first of eight slots, which lie in one line of the processor's cache.</summary>
    public static int Home(uint tag) => (int)(tag % Groups) * GroupSlots;

    /// <summary>The position after another, with wrap-around.</summary>
    public static int After(int position) => (position + 1) & (IndexBlockPool.BlockSlots - 1);

    /// <summary>
    /// How many slots of the tag's home group are before the one that holds the tag. All eight are looked at together, so that the
    /// processor need not guess how long the search will be, and can go ahead with the entry and with the caller's next key.
    /// A hint: the eight are not read one after the other, so what is found is read again, and nothing may be concluded from what is not.
    /// </summary>
    /// <param name="slots">The slots of the block, or its whole slab.</param>
    /// <param name="home">Where the home group begins in them.</param>
    /// <param name="tag">The tag.</param>
    /// <returns>0 also if none of the eight seems to hold the tag.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountOthers(ReadOnlySpan<ulong> slots, int home, uint tag)
    {
        // A tag of 0 finds empty slots and tombstones, too, which does no harm: the search goes on from them.
        ReadOnlySpan<ulong> group = slots.Slice(home, GroupSlots);
        Vector256<ulong> wanted = Vector256.Create(Of(tag, 0));
        Vector256<ulong> others = Vector256.Create(~0UL << TagShift);
        Vector256<ulong> lower = Vector256.Equals((Vector256.Create(group) ^ wanted) & others, Vector256<ulong>.Zero);
        Vector256<ulong> upper = Vector256.Equals((Vector256.Create(group[(GroupSlots / 2)..]) ^ wanted) & others, Vector256<ulong>.Zero);
        uint found = lower.ExtractMostSignificantBits() | (upper.ExtractMostSignificantBits() << (GroupSlots / 2));
        return found == 0 ? 0 : BitOperations.TrailingZeroCount(found);
    }

    /// <summary>The known bits of the hash of a slot's entry: its tag under the top bits of the block's range.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="rangeHash">Any hash of the block's range.</param>
    public static ulong HashOf(ulong slot, ulong rangeHash)
    {
        return (rangeHash >> (UnknownHashBits + TagBits) << (UnknownHashBits + TagBits)) | ((ulong)Tag(slot) << UnknownHashBits);
    }

    /// <summary>The bit of the hash behind its first <paramref name="depth"/> ones, which lies in the tag; depth from 4.</summary>
    public static bool BranchBit(ulong slot, int depth) => (slot >> (TagShift + TagBits - 1 - (depth - HashIndex.MinDepth)) & 1) != 0;
}
