using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// How often the entry of a slot was used lately, 0 to <see cref="Max"/>: two bits of the slot itself, so that a reader has them in a register with the address. A hint for
/// <see cref="EvictionPolicy"/> that leads to no memory. Without a limit slots begin at <see cref="Max"/>, so that reads are the same with and without a limit, and
/// write nothing without one.
/// <para>
/// Readers count without the gate, beside a writer who stores whole slots. They compare and exchange, so they change a word only while it is, bit for bit, the slot
/// that they followed, and then only these two bits of it. So whatever the writer has stored there meanwhile stands: a new address, a tombstone, or nothing. That
/// is also all there is to say of a reader that was held up for long, after the block was taken for other entries, or its slab by another store: slabs are
/// used for nothing else, blocks of a slab begin at the same slots in every store, and whole words are all that is ever stored to them
/// (<see cref="IndexBlockPool.Take"/>). If the word is the same again, then it is the slot of an entry there, or of a block that nobody reads, and a use more is a mistaken hint. The
/// word cannot be one of the marks "empty" and "tombstone", because only slots of entries are counted.
/// </para>
/// <para>
/// The other way round, the writer changes the bits by storing the slot that it has read. Nobody else changes the rest of it, so what may be lost is a use that
/// was counted in between.
/// </para>
/// </summary>
internal static class SlotUses
{
    /// <summary>How many bits of a slot these are.</summary>
    public const int Bits = 2;

    /// <summary>More uses than that are not told apart; the slot of a hot entry is not written to again.</summary>
    public const int Max = (1 << Bits) - 1;

    private const ulong One = 1UL << EntryAddress.Bits;
    private const ulong Mask = Max * One;

    /// <summary>The uses in a slot.</summary>
    public static int Of(ulong slot) => (int)(slot >> EntryAddress.Bits) & Max;

    /// <summary>A slot with other uses.</summary>
    public static ulong With(ulong slot, int uses) => (slot & ~Mask) | ((ulong)uses << EntryAddress.Bits);

    /// <summary>A slot without its uses, to compare it.</summary>
    public static ulong Without(ulong slot) => slot & ~Mask;

    /// <summary>Whether there is nothing to count any more.</summary>
    public static bool IsSaturated(ulong slot) => (~slot & Mask) == 0;

    /// <summary>Whether a slot is that of an entry with the tag, with nothing to count any more: one comparison, because empty slots and tombstones have no uses.</summary>
    public static bool IsSaturatedOf(ulong slot, uint tag) => slot >> EntryAddress.Bits == (((ulong)tag << Bits) | Max);

    /// <summary>Counts a use, unless the slot is another one by now. Any thread; called only for slots of entries that are not saturated.</summary>
    /// <param name="place">Where the slot is.</param>
    /// <param name="slot">What was read there.</param>
    /// <remarks>Inlined, though it is seldom needed: it is one instruction, and a call would push what the hot way of a read has in registers to the stack.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count(ref ulong place, ulong slot) => Interlocked.CompareExchange(ref place, slot + One, slot);

    /// <summary>Changes the uses of an entry's slot; for the writer. Release, as every store of a slot is: whoever sees it sees the entry.</summary>
    public static void Set(ref ulong place, int uses) => Volatile.Write(ref place, With(place, uses));
}
