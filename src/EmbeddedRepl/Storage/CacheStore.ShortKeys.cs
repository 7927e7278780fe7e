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
    private ReadOutcome ReadValue<TTarget>(ReadOnlySpan<char> key, ref TTarget target)
        where TTarget : struct, IValueTarget, allows ref struct
    {
        return TryReadShort(key, ref target, out bool isAccepted)
            ? isAccepted ? ReadOutcome.Hit : ReadOutcome.DestinationTooSmall
            : ReadLong(key, ref target);
    }

    private bool TryReadShort<TTarget>(ReadOnlySpan<char> key, ref TTarget target, out bool isAccepted)
        where TTarget : struct, IValueTarget, allows ref struct
    {
        isAccepted = false;
        if (!_keyHash.TryNarrow(key, out Vector128<byte> head, out Vector128<byte> tail))
        {
            return false;
        }

        ulong hash = _keyHash.HashNarrowed(head, tail, key.Length);
        StoreData data = Volatile.Read(ref _data);
        ref long generation = ref data.Generations.Of(hash);
        long expected = Volatile.Read(ref generation);
        long address = data.Index.FindLikely(hash);
        byte[]? segment = data.Segments.Find(EntryAddress.SegmentOf(address));
        int offset = EntryAddress.OffsetOf(address);
        if (segment is null || SegmentTable.IsDedicated(segment))
        {
            return false;
        }

        ReadOnlySpan<byte> memory = segment.AsSpan(offset);
        EntryHeader header = EntryHeader.Read(memory);
        if (!StripeGenerations.IsUnchanged(ref generation, expected) || header.IsSliding || header.KeyLength != key.Length)
        {
            return false;
        }

        // The lengths are true, so whatever happens to the bytes from here on, no read leaves the entry.
        ReadOnlySpan<byte> content = memory.Slice(header.KeyOffset, key.Length + header.ValueLength);
        if (!KeyHash.IsNarrowed(content, head, tail, key.Length) || (header.Expires && IsOver(memory)))
        {
            return false;
        }

        isAccepted = target.TryAcceptValue(content[key.Length..]);
        return StripeGenerations.IsUnchanged(ref generation, expected);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsOver(ReadOnlySpan<byte> entry) =>
        Volatile.Read(in MemoryMarshal.AsRef<long>(entry[EntryHeader.DeadlineOffset..])) <= _time.GetUtcNow().ToUnixTimeMilliseconds();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOutcome ReadLong<TTarget>(ReadOnlySpan<char> key, ref TTarget target)
        where TTarget : struct, IReadTarget, allows ref struct
    {
        Span<byte> scratch = key.Length <= StackKeyChars ? stackalloc byte[StackKeySize] : new byte[key.Length * KeyCodec.MaxBytesPerChar];
        return Read(MakeKey(key, scratch), ref target);
    }
}
