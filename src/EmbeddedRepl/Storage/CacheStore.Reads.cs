using System.Buffers;
using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <content>Reads: any thread, no lock, no allocation but what the caller asked for.</content>
internal sealed partial class CacheStore
{
    private const int StackKeyChars = 64;
    private const int StackKeySize = StackKeyChars * KeyCodec.MaxBytesPerChar;

    /// <summary>Keys beyond that many are not looked at by a call of <see cref="Prefetch(ReadOnlySpan{ulong})"/>.</summary>
    public const int MaxPrefetched = 32;

    private long _gatedReads;

    /// <summary>Copies a value into the caller's buffer.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Receives the value; its content is undefined unless the outcome is a hit.</param>
    /// <param name="bytesWritten">Length of the value; with <see cref="ReadOutcome.DestinationTooSmall"/>, the length that is needed; otherwise 0.</param>
    public ReadOutcome TryGet(ReadOnlySpan<char> key, Span<byte> destination, out int bytesWritten)
    {
        SpanTarget target = new(destination);
        if (!TryReadShort(key, ref target, out ReadOutcome outcome))
        {
            return TryGetLong(key, destination, out bytesWritten);
        }

        bytesWritten = target.Length;
        return outcome;
    }

    /// <summary>Writes a value to the caller's writer: in one piece on a hit, nothing otherwise.</summary>
    public ReadOutcome TryGet(ReadOnlySpan<char> key, IBufferWriter<byte> destination)
    {
        WriterTarget target = new(destination);
        if (!TryReadShort(key, ref target, out ReadOutcome outcome))
        {
            return TryGetLong(key, destination);
        }

        if (target.Length > 0)
        {
            destination.Advance(target.Length);
        }

        return outcome;
    }

    /// <summary>Copies a value into a new array, null unless the outcome is a hit.</summary>
    public ReadOutcome Get(ReadOnlySpan<char> key, out byte[]? value)
    {
        ArrayTarget target = default;
        if (!TryReadShort(key, ref target, out ReadOutcome outcome))
        {
            return GetLong(key, out value);
        }

        value = target.Value;
        return outcome;
    }

    /// <summary>Copies a value into a new array, null unless the outcome is a hit, and tells its version.</summary>
    public ReadOutcome GetEntry(ReadOnlySpan<char> key, out byte[]? value, out EntryVersion version)
    {
        EntryTarget target = default;
        ReadOutcome outcome = ReadLong(key, ref target, isLikelyCounted: false);
        bool isHit = outcome == ReadOutcome.Hit;
        value = isHit ? target.Value : null;
        version = isHit ? target.Version : EntryVersion.None;
        return outcome;
    }

    /// <summary>The version of an entry that has not expired; none if there is no such entry. Any thread; does not count as a read.</summary>
    public EntryVersion VersionOf(in StoreKey key) =>
        TryGetMetadata(key, out EntryMetadata entry) == ReadOutcome.Hit
        && (entry.EffectiveDeadline == 0 || _time.GetUtcNow().ToUnixTimeMilliseconds() < entry.EffectiveDeadline)
            ? new EntryVersion(entry.Version, entry.Hash)
            : EntryVersion.None;

    /// <summary>The version that an entry of this key and value has if it was set at an offset.</summary>
    public EntryVersion VersionFor(ReadOnlySpan<byte> keyAndValue, int keyLength, long offset) =>
        new(offset, (ulong)EntryHash.OfContent(keyAndValue, keyLength, _digestSeed));

    /// <summary>Extends a sliding entry as a read does.</summary>
    public ReadOutcome Touch(ReadOnlySpan<char> key)
    {
        TouchTarget target = default;
        return ReadLong(key, ref target, isLikelyCounted: false);
    }

    /// <summary>Looks at an entry without extending it; finds expired entries too.</summary>
    public ReadOutcome TryGetMetadata(ReadOnlySpan<char> key, out EntryMetadata metadata)
    {
        MetadataTarget target = default;
        ReadOutcome outcome = ReadLong(key, ref target, isLikelyCounted: false);
        metadata = target.Metadata;
        return outcome;
    }

    /// <inheritdoc cref="TryGetMetadata(ReadOnlySpan{char}, out EntryMetadata)"/>
    public ReadOutcome TryGetMetadata(in StoreKey key, out EntryMetadata metadata)
    {
        MetadataTarget target = default;
        ReadOutcome outcome = Read(key, ref target, isLikelyCounted: false);
        metadata = target.Metadata;
        return outcome;
    }

    /// <summary>Has what a change of a key will need first loaded into the processor's cache, as soon as the key is known and before the gate is taken. Any thread.</summary>
    /// <param name="key">The key.</param>
    /// <param name="valueLength">The length of its value, which that of the value it has now most likely resembles.</param>
    /// <returns>Something of what was read, without a meaning: what nobody asked for would not be loaded.</returns>
    public ulong Prefetch(in StoreKey key, long valueLength)
    {
        StoreData data = Volatile.Read(ref _data);
        if (ProcessorCache.CanPrefetch)
        {
            // The entry is asked for when its slot is there: by Begin.
            data.Index.PrefetchHome(key.Hash);
            return 0;
        }

        int size = EntryHeader.BaseSize + key.Bytes.Length + (int)Math.Min(valueLength, int.MaxValue / 2);
        return data.Index.PeekHome(key.Hash) + (uint)data.PeekLines(data.Index.PeekLikely(key.Hash), size);
    }

    /// <summary>
    /// Loads what changes of several keys will need into the processor's cache. No load of a round waits for another, so that the processor waits for memory about three times instead of
    /// that often for each key. Any thread.
    /// </summary>
    /// <param name="hashes">The hashes of the keys, as <see cref="MakeKey(ReadOnlySpan{byte})"/> makes them.</param>
    /// <returns>Something of all that was read, without a meaning: what nobody asked for would not be loaded.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public ulong Prefetch(ReadOnlySpan<ulong> hashes)
    {
        StoreData data = Volatile.Read(ref _data);
        hashes = hashes[..Math.Min(hashes.Length, MaxPrefetched)];
        ulong read = 0;
        foreach (ulong hash in hashes)
        {
            read += data.Index.PeekHome(hash);
        }

        Span<long> addresses = stackalloc long[MaxPrefetched];
        for (int i = 0; i < hashes.Length; i++)
        {
            addresses[i] = data.Index.PeekLikely(hashes[i]);
            read += (uint)data.Peek(addresses[i]).KeyLength;
        }

        foreach (long address in addresses[..hashes.Length])
        {
            read += (uint)data.PeekLines(address, data.Peek(address).EntrySize);
        }

        return read;
    }

    // The long ways have targets of their own: one whose address were passed to a method that is not inlined could not stay in registers on the short way.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOutcome TryGetLong(ReadOnlySpan<char> key, Span<byte> destination, out int bytesWritten)
    {
        SpanTarget target = new(destination);
        ReadOutcome outcome = ReadLong(key, ref target, HasTriedShort(key));
        bytesWritten = outcome is ReadOutcome.Hit or ReadOutcome.DestinationTooSmall ? target.Length : 0;
        return outcome;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOutcome TryGetLong(ReadOnlySpan<char> key, IBufferWriter<byte> destination)
    {
        WriterTarget target = new(destination);
        ReadOutcome outcome = ReadLong(key, ref target, HasTriedShort(key));
        if (outcome == ReadOutcome.Hit && target.Length > 0)
        {
            destination.Advance(target.Length);
        }

        return outcome;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOutcome GetLong(ReadOnlySpan<char> key, out byte[]? value)
    {
        ArrayTarget target = default;
        ReadOutcome outcome = ReadLong(key, ref target, HasTriedShort(key));
        value = outcome == ReadOutcome.Hit ? target.Value : null;
        return outcome;
    }

    private ReadOutcome ReadLong<TTarget>(ReadOnlySpan<char> key, ref TTarget target, bool isLikelyCounted)
        where TTarget : struct, IReadTarget, allows ref struct
    {
        Span<byte> scratch = key.Length <= StackKeyChars ? stackalloc byte[StackKeySize] : new byte[key.Length * KeyCodec.MaxBytesPerChar];
        return Read(MakeKey(key, scratch), ref target, isLikelyCounted);
    }

    private StoreKey MakeKey(ReadOnlySpan<char> key, Span<byte> scratch) => MakeKey(scratch[..KeyCodec.Encode(key, scratch)]);

    private ReadOutcome Read<TTarget>(scoped StoreKey key, ref TTarget target, bool isLikelyCounted)
        where TTarget : struct, IReadTarget, allows ref struct
    {
        for (int attempt = 0; attempt < StoreLimits.MaxOptimisticReads; attempt++)
        {
            if (TryRead(key, ref target, isLikelyCounted, out ReadOutcome outcome))
            {
                return outcome;
            }
        }

        return ReadUnderGate(key, ref target, isLikelyCounted);
    }

    private ReadOutcome ReadUnderGate<TTarget>(scoped StoreKey key, ref TTarget target, bool isLikelyCounted)
        where TTarget : struct, IReadTarget, allows ref struct
    {
        Interlocked.Increment(ref _gatedReads);
        lock (_gate)
        {
            return TryRead(key, ref target, isLikelyCounted, out ReadOutcome outcome)
                ? outcome
                : throw new InvalidOperationException("The index is damaged: under the gate nothing may disturb a read.");
        }
    }

    // One attempt; false if a writer disturbed it.
    private bool TryRead<TTarget>(scoped StoreKey key, ref TTarget target, bool isLikelyCounted, out ReadOutcome outcome)
        where TTarget : struct, IReadTarget, allows ref struct
    {
        StoreData data = Volatile.Read(ref _data);
        ref long generation = ref data.Generations.Of(key.Hash);
        long expected = Volatile.Read(ref generation);
        switch (data.Find(key, ref generation, expected, !TTarget.IsObserver, isLikelyCounted, out EntryView entry))
        {
            case FindResult.Found when !entry.Header.Expires:
                outcome = target.TryAccept(entry, effectiveDeadline: 0) ? ReadOutcome.Hit : ReadOutcome.DestinationTooSmall;
                return entry.IsDedicated || StripeGenerations.IsUnchanged(ref generation, expected);

            case FindResult.Found:
                return TryReadExpiring(data, key, entry, ref generation, expected, ref target, out outcome);

            case FindResult.Missing:
                outcome = data.IsRetired ? ReadOutcome.Retired : ReadOutcome.Miss;

                // The index of data that was replaced before the generation was loaded says nothing: it may be another store's by now.
                return StripeGenerations.IsUnchanged(ref generation, expected) && Volatile.Read(ref _data) == data;

            default:
                outcome = default;
                return false;
        }
    }
}
