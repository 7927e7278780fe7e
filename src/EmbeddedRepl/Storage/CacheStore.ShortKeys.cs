using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EmbeddedRepl.Storage;

/// <content>
/// The short way of a read, for the usual case: a key of 8 to 32 ASCII characters that is there, where its hash says, and does not slide. The key stays in
/// registers from the hash to the comparison. Whatever is not as usual, or was disturbed, is left to the long way (<c>CacheStore.Reads.cs</c>),
/// which says what a read means; this one takes the same steps in the same order (<see cref="StripeGenerations"/>).
/// </content>
internal sealed partial class CacheStore
{
    /// <summary>One attempt at the short way.</summary>
    /// <param name="key">The key.</param>
    /// <param name="target">Takes the value. The caller keeps it in a local of its own that it passes to nothing else, so that it can stay in registers.</param>
    /// <param name="outcome">A hit, or that the destination is too small.</param>
    /// <returns>False if it is to be read the long way; nothing of the target counts then.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadShort<TTarget>(ReadOnlySpan<char> key, ref TTarget target, out ReadOutcome outcome)
        where TTarget : struct, IValueTarget, allows ref struct
    {
        outcome = default;
        KeyHash keyHash = _keyHash;
        if (!keyHash.TryNarrow(key, out Vector128<byte> head, out Vector128<byte> tail))
        {
            return false;
        }

        ulong hash = keyHash.HashNarrowed(head, tail, key.Length);
        StoreData data = Volatile.Read(ref _data);
        ref long generation = ref data.Generations.Of(hash);
        long expected = Volatile.Read(ref generation);
        long address = data.Index.FindLikely(hash);
        byte[]? segment = data.Segments.Find(EntryAddress.SegmentOf(address));
        if (segment is null || SegmentTable.IsDedicated(segment))
        {
            return false;
        }

        ReadOnlySpan<byte> memory = segment.AsSpan(EntryAddress.OffsetOf(address));
        EntryHeader header = EntryHeader.Read(memory);
        if (!StripeGenerations.IsUnchanged(ref generation, expected) || !header.IsPlainOf(key.Length, out int keyOffset))
        {
            return false;
        }

        // The lengths are true, so whatever happens to the bytes from here on, no read leaves the entry.
        ReadOnlySpan<byte> content = memory.Slice(keyOffset, key.Length + header.ValueLength);
        if (!KeyHash.IsNarrowed(content, head, tail, key.Length) || (keyOffset != EntryHeader.BaseSize && IsOver(memory)))
        {
            return false;
        }

        outcome = target.TryAcceptValue(content[key.Length..]) ? ReadOutcome.Hit : ReadOutcome.DestinationTooSmall;
        return StripeGenerations.IsUnchanged(ref generation, expected);
    }

    /// <summary>Whether a read of this key that goes the long way has tried the short one, so that the entry, if it is where it most likely is, is counted as used. Asked on the long way, so that the short one carries nothing for it.</summary>
    private bool HasTriedShort(ReadOnlySpan<char> key) => _keyHash.TryNarrow(key, out _, out _);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsOver(ReadOnlySpan<byte> entry) =>
        Volatile.Read(in MemoryMarshal.AsRef<long>(entry[EntryHeader.DeadlineOffset..])) <= _time.GetUtcNow().ToUnixTimeMilliseconds();
}
