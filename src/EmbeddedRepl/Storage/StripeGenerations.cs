using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// One counter per stripe (the top 12 bits of the hash). It tells a reader whether memory that it followed may have been reused meanwhile.
/// <para>
/// Why this is right, also on weakly ordered processors such as Arm64; everything else relies on this place. The writer (one at a time, under
/// the gate) does, in this order: (1) it writes the new entry, or index block, to memory that nobody can reach; (2) it publishes it by a
/// release store of the slot, or directory entry; (3) it bumps the stripe by a release store; (4) after a store-store barrier, it reuses the
/// old memory. A reader: (a) loads the generation with acquire; (b) loads directory entry and slot with acquire and follows them; (c) after a
/// load-load barrier it loads the generation again, and trusts what it has read only if it is the same.
/// Suppose that a reader has read a byte that was written in (4). Either it followed the old slot or directory entry. Then its load (a) came
/// before the bump (3): had it seen the bump, the acquire of (a) and the release of (3) would have shown it the store (2) too. But the barrier of
/// (4) orders the bump before the byte, and the barrier of (c) orders the byte before the second load of the generation, so that this load
/// sees the bump, and the reader discards what it read. Or it followed the new one; then the release of (2) and the acquire of (b) show it
/// the complete content of (1), which is not reused before a later bump, to which the same argument applies.
/// A reader may count a use in a slot by compare-and-exchange (<see cref="SlotUses"/>). Another reader that loads the slot with acquire after that sees the entry as if
/// the writer had just stored it, because the exchange has read the writer's store, or another such exchange after it, in one atomic step. And since it changes no slot but the one that it
/// compares with, no slot that (2) has replaced comes back.
/// The same holds when the memory passes through the pool to another store: the pool's lock orders (3) before any reuse. There a reader finds the data before it loads
/// the generation, so it may see the bump and have the old data all the same. Therefore the store (2) is of two: the store's new data, and an empty table of segments in the
/// old. Such a reader sees both: it follows no slot, and, before it believes that there is no entry, it looks whether its data is still the store's.
/// Lengths are trusted only after a check of their own, so that a torn length never leads out of an entry; indices read before such a check
/// are bounded by the arrays. The deadline and last change of a sliding entry are replaced in place, by aligned stores of 8 bytes each, which
/// are never torn; either value is a state that the entry had. The counter has 64 bits and does not wrap.
/// </para>
/// </summary>
internal sealed class StripeGenerations
{
    /// <summary>How many top bits of the hash choose the stripe.</summary>
    public const int Bits = 12;

    private readonly long[] _generations = new long[1 << Bits];

    /// <summary>The counter of the hash's stripe.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref long Of(ulong hash) => ref _generations[(int)(hash >> (64 - Bits))];

    /// <summary>Whether nothing that was read since <paramref name="expected"/> was loaded can have been reused.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUnchanged(ref long generation, long expected)
    {
        Volatile.ReadBarrier();
        return Volatile.Read(ref generation) == expected;
    }

    /// <summary>After publishing, before reusing: tells readers of the hash's stripe.</summary>
    public void Bump(ulong hash)
    {
        ref long generation = ref Of(hash);
        Volatile.Write(ref generation, generation + 1);
        Volatile.WriteBarrier();
    }

    /// <summary>The same for all stripes of the hashes that begin with the first <paramref name="depth"/> bits of <paramref name="hash"/>.</summary>
    public void BumpPrefix(ulong hash, int depth)
    {
        foreach (ref long generation in Range(hash, depth))
        {
            Volatile.Write(ref generation, generation + 1);
        }

        Volatile.WriteBarrier();
    }

    /// <summary>The counters of those stripes, in the order of their hashes.</summary>
    public Span<long> Range(ulong hash, int depth)
    {
        int bits = Math.Min(depth, Bits);
        int first = bits == 0 ? 0 : (int)(hash >> (64 - bits)) << (Bits - bits);
        return _generations.AsSpan(first, 1 << (Bits - bits));
    }
}
