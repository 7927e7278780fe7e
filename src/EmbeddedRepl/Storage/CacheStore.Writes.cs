using System.Buffers;

namespace EmbeddedRepl.Storage;

/// <content>Changes: made by the holder of the gate, each visible to readers by one store.</content>
internal sealed partial class CacheStore
{
    // So much compaction goes along with each write while it is worthwhile; a write frees at most one block.
    private const int MovesPerWrite = 4;
    private const int MaxForcedMoves = 1 << 16;

    /// <summary>Inserts or replaces an entry, expiration included. The caller holds the gate.</summary>
    /// <param name="key">The key, made by this store or one with its seed.</param>
    /// <param name="value">The value; copied.</param>
    /// <param name="expiration">When it ends.</param>
    /// <param name="version">Replication offset of this set.</param>
    /// <param name="lastChange">Replication offset of the last change: <paramref name="version"/>, unless an entry that was touched since is loaded. Kept only of sliding entries.</param>
    /// <returns>The new entry's share of the digest.</returns>
    /// <exception cref="ArgumentException">Key or value is longer than <see cref="StoreLimits"/> allow, or the expiration is impossible.</exception>
    /// <exception cref="StoreFullException">There is no memory for it; nothing has changed.</exception>
    public StoreDigest Set(in StoreKey key, ReadOnlySpan<byte> value, in EntryExpiration expiration, long version, long lastChange)
    {
        NewEntry entry = Begin(key, value.Length, expiration);
        Span<byte> room = entry.WriteFront(_data, key, expiration, version, lastChange);
        value.CopyTo(room);
        return Commit(key, entry, expiration);
    }

    /// <inheritdoc cref="Set(in StoreKey, ReadOnlySpan{byte}, in EntryExpiration, long, long)"/>
    public StoreDigest Set(in StoreKey key, in ReadOnlySequence<byte> value, in EntryExpiration expiration, long version, long lastChange)
    {
        if (value.IsSingleSegment)
        {
            return Set(key, value.FirstSpan, expiration, version, lastChange);
        }

        NewEntry entry = Begin(key, value.Length, expiration);
        try
        {
            Span<byte> room = entry.WriteFront(_data, key, expiration, version, lastChange);
            value.CopyTo(room);
        }
        catch
        {
            // Segments may be backed by anything, so even reading them may fail.
            Abandon(entry);
            throw;
        }

        return Commit(key, entry, expiration);
    }

    /// <summary>The value of an entry that exists, as it is stored. The caller holds the gate; valid until the next change.</summary>
    public ReadOnlySpan<byte> StoredValue(in StoreKey key)
    {
        StoreData data = DataForWriting();
        return data.View(data.Locate(key).Address).Value;
    }

    /// <summary>The version of an entry that exists, expired or not. The caller holds the gate.</summary>
    public EntryVersion StoredVersion(in StoreKey key)
    {
        StoreData data = DataForWriting();
        EntryView entry = data.View(data.Locate(key).Address);
        return new EntryVersion(entry.Version, (ulong)entry.ContentHash);
    }

    /// <summary>Removes an entry, expired or not. The caller holds the gate.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(in StoreKey key)
    {
        StoreData data = DataForWriting();
        SlotPosition slot = data.Locate(key);
        if (!slot.IsFound)
        {
            return false;
        }

        RemoveAt(data, slot, key.Hash);
        return true;
    }

    /// <summary>
    /// Moves the deadline of a sliding entry. Nothing happens if there is no such entry, it has another version or does not slide, or its deadline
    /// would not become later; a deadline past the entry's cap counts as the cap. The caller holds the gate.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The version that was read.</param>
    /// <param name="deadline">The new deadline in UTC milliseconds.</param>
    /// <param name="lastChange">Replication offset of this touch.</param>
    /// <returns>Whether the entry was changed.</returns>
    public bool ApplyTouch(in StoreKey key, long version, long deadline, long lastChange)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)deadline, (ulong)EntryExpiration.MaxDeadline, nameof(deadline));
        StoreData data = DataForWriting();
        SlotPosition slot = data.Locate(key);
        if (!slot.IsFound)
        {
            return false;
        }

        EntryView entry = data.View(slot.Address);
        EntryExpiration expiration = entry.Expiration;
        deadline = expiration.AbsoluteCap == 0 ? deadline : Math.Min(deadline, expiration.AbsoluteCap);
        if (!entry.Header.IsSliding || entry.Version != version || deadline <= expiration.Deadline)
        {
            return false;
        }

        StoreDigest before = entry.DigestShare(_digestSeed);
        EntryWriter.Touch(data.Segments.From(slot.Address), deadline, lastChange);
        data.Digest += entry.DigestShare(_digestSeed) - before;
        data.Eviction?.Used(slot.Block, slot.Position);
        return true;
    }

    // Of the hash only the stripe is asked for; of an entry that was found by its slot not all is known.
    private void RemoveAt(StoreData data, in SlotPosition slot, ulong hash)
    {
        data.Eviction?.Removing(slot.Block, slot.Position);
        data.Index.Remove(slot.Block, slot.Position);
        Probe.At(WriterStep.Published);
        data.Count--;
        data.Digest -= FreeOld(data, hash, slot.Address);
        Compact();
    }

    // Everything that can fail happens here, before anything is visible.
    private NewEntry Begin(in StoreKey key, long valueLength, in EntryExpiration expiration)
    {
        StoreData data = DataForWriting();
        if (key.Bytes.Length > StoreLimits.MaxKeySize || valueLength > StoreLimits.MaxValueSize)
        {
            throw new ArgumentException(
                $"A key of {key.Bytes.Length} bytes with a value of {valueLength} bytes is beyond the limits, {StoreLimits.MaxKeySize} and {StoreLimits.MaxValueSize} bytes.");
        }

        expiration.Validate();
        while (data.Index.IsFull(data.Index.BlockOf(key.Hash)))
        {
            data.Index.MakeRoom(key.Hash);
        }

        EntryHeader header = new(key.Bytes.Length, (int)valueLength, expiration);
        if (ProcessorCache.CanPrefetch)
        {
            // What it most likely replaces comes while the new entry is being written, into the memory of the one that was replaced before.
            data.PrefetchLines(data.Index.PeekLikely(key.Hash), header.EntrySize);
        }

        int extension = header.IsSliding ? data.Extensions.Take() : 0;
        try
        {
            NewEntry entry = new(Allocate(data, header.EntrySize), header, extension);
            Probe.At(WriterStep.Allocated);
            return entry;
        }
        catch (StoreFullException)
        {
            if (header.IsSliding)
            {
                data.Extensions.Release(extension);
            }

            throw;
        }
    }

    private long Allocate(StoreData data, int size)
    {
        try
        {
            return data.Allocator.Allocate(size);
        }
        catch (StoreFullException) when (data.Allocator.FreedBytes > 0)
        {
            // Memory that is freed but bound to other classes may be what is missing.
            _compactor.Step(MaxForcedMoves);
            return data.Allocator.Allocate(size);
        }
    }

    private void Abandon(in NewEntry entry)
    {
        _data.Allocator.Free(entry.Address, entry.Header.EntrySize);
        if (entry.Header.IsSliding)
        {
            _data.Extensions.Release(entry.Extension);
        }
    }

    private StoreDigest Commit(in StoreKey key, in NewEntry entry, in EntryExpiration expiration)
    {
        StoreData data = _data;
        UInt128 content = EntryWriter.WriteContentHash(data.Segments.From(entry.Address), entry.Header, _digestSeed);
        StoreDigest share = EntryHash.Of(content, expiration, _digestSeed);
        Probe.At(WriterStep.Written);

        SlotPosition slot = data.Locate(key);
        data.Index.Publish(slot.Block, slot.Position, key.Hash, entry.Address);
        if (expiration.Deadline != 0)
        {
            ref IndexBlockInfo info = ref data.Index.Info(slot.Block);
            info.MinDeadline = Math.Min(info.MinDeadline, expiration.IsSliding ? LookAt(expiration.Deadline, expiration.SlidingWindow) : expiration.Deadline);
        }

        Probe.At(WriterStep.Published);
        data.Digest += share;
        if (slot.IsFound)
        {
            data.Digest -= FreeOld(data, key.Hash, slot.Address);
            data.Eviction?.Used(slot.Block, slot.Position);
        }
        else
        {
            data.Count++;
            data.Eviction?.Inserted(slot.Block, slot.Position, key.Hash);
        }

        Compact();
        return share;
    }

    // The entry is no longer reachable for readers who begin now; those under way are told before its memory is reused.
    private StoreDigest FreeOld(StoreData data, ulong hash, long address)
    {
        EntryView old = data.View(address);
        StoreDigest share = old.DigestShare(_digestSeed);
        data.Generations.Bump(hash);
        Probe.At(WriterStep.Bumped);
        if (old.Header.IsSliding)
        {
            data.Extensions.Release(old.Extension);
        }

        data.Allocator.Free(address, old.Header.EntrySize);
        Probe.At(WriterStep.Freed);
        return share;
    }

    private void Compact()
    {
        if (_compactor.IsWorthwhile)
        {
            _compactor.Step(MovesPerWrite);
        }
    }

    /// <summary>Memory that was taken for an entry which is not reachable yet.</summary>
    private readonly record struct NewEntry(long Address, EntryHeader Header, int Extension)
    {
        /// <summary>Writes everything but the value and the content hash.</summary>
        /// <returns>The room for the value.</returns>
        public Span<byte> WriteFront(StoreData data, in StoreKey key, in EntryExpiration expiration, long version, long lastChange)
        {
            return EntryWriter.WriteFront(data.Segments.From(Address), Header, key.Bytes, expiration, version, lastChange, Extension);
        }
    }
}
