namespace EmbeddedRepl.Storage;

/// <summary>
/// Iterates over a store in the order of the first 30 bits of the hash, beside writers. Every entry that is there from beginning to end is
/// handed out, in a state that it had on the way; one that is set, removed or set again meanwhile may come, may be missing, may come twice: the
/// stream of the changes, replayed over the snapshot, gives the exact state at its end. A clear in between leaves the entries of the new data.
/// Driven by one thread at a time, which need not hold the gate; the cursor takes it for less than a few microseconds at a time.
/// </summary>
internal sealed class SnapshotCursor
{
    // What an entry that is skipped costs of the bytes allowed per call, so that a call ends also if nothing is to be sent.
    private const int SkippedEntryCost = 16;
    private const int MaxDisturbances = 3;

    private readonly CacheStore _store;
    private readonly long _changedSince;
    private readonly ulong _digestSeed;
    private readonly SnapshotBatch _batch = new();
    private byte[] _scratch = new byte[4096];
    private ulong _position;
    private int _disturbances;
    private bool _isDone;

    internal SnapshotCursor(CacheStore store, long changedSince)
    {
        _store = store;
        _changedSince = changedSince;
        _digestSeed = store.Seed.DigestSeed;
    }

    /// <summary>Whether the store that is iterated over was retired, so that this iteration cannot go on. Any thread.</summary>
    public bool IsRetired => _store.IsRetired;

    /// <summary>Hands out the next entries.</summary>
    /// <param name="sink">Receives them.</param>
    /// <param name="maxBytes">After that many bytes of keys and values the call ends; at least one entry is handed out, so it may be one entry more.</param>
    /// <returns>Whether there is more.</returns>
    /// <exception cref="InvalidOperationException">The store was retired; the snapshot is incomplete.</exception>
    public bool Read(ISnapshotSink sink, int maxBytes)
    {
        long left = maxBytes;
        while (!_isDone)
        {
            if (_batch.IsEmpty)
            {
                _batch.Load(_store, _position);
            }

            while (_batch.TryPeek(out ulong hash, out long address))
            {
                if (left <= 0)
                {
                    return true;
                }

                if (TryEmit(hash, address, sink, ref left))
                {
                    _batch.Advance();
                    continue;
                }

                // A writer changed the stripe, so the addresses of its entries may be stale. Entries come in the order of their hash, so all that is
                // missing is from here on; another one with the same bits may come a second time. That one is no progress, so it does not end the counting.
                if (hash != _position)
                {
                    _position = hash;
                    _disturbances = 0;
                }

                if (++_disturbances > MaxDisturbances)
                {
                    EmitUnderGate(sink, ref left);
                    _disturbances = 0;
                }

                _batch.Drop();
                break;
            }

            if (!_batch.IsEmpty)
            {
                GoOnFrom(_batch.End);
                _batch.Drop();
            }
        }

        return false;
    }

    // Past the last hash the position wraps around to 0.
    private void GoOnFrom(ulong position)
    {
        _position = position;
        _disturbances = 0;
        _isDone = position == 0;
    }

    private bool TryEmit(ulong hash, long address, ISnapshotSink sink, ref long left)
    {
        ref long generation = ref _batch.GenerationOf(hash, out long expected);
        if (!_batch.Data.TryView(address, ref generation, expected, out EntryView entry))
        {
            return false;
        }

        // A touch stores the deadline first. Read in the opposite order, a new last change never comes with an old deadline.
        long lastChange = entry.LastChange;
        EntryExpiration expiration = entry.Expiration;
        bool isWanted = lastChange >= _changedSince;
        if (isWanted && !entry.IsDedicated)
        {
            entry = entry.CopyTo(ref _scratch);
        }

        if (!StripeGenerations.IsUnchanged(ref generation, expected))
        {
            return false;
        }

        left -= SkippedEntryCost;
        if (isWanted)
        {
            Emit(entry, expiration, lastChange, sink, ref left);
        }

        return true;
    }

    private void Emit(EntryView entry, in EntryExpiration expiration, long lastChange, ISnapshotSink sink, ref long left)
    {
        left -= entry.Content.Length;
        sink.Entry(new SnapshotEntry(entry, expiration, lastChange, _digestSeed));
    }

    // Writers keep disturbing this stripe. Copies of the entries with the next hash (nearly always one) are made under the gate; that they are
    // allocated does not matter, it is so rare.
    private void EmitUnderGate(ISnapshotSink sink, ref long left)
    {
        List<byte[]> copies = [];
        lock (_store.Gate)
        {
            StoreData data = SnapshotBatch.DataOf(_store);
            int block = data.Index.BlockOf(_position);
            if (!TryFindNext(data.Index.Slots(block), _position, out ulong hash))
            {
                // The rest of the block is gone; loading the batch anew finds it empty.
                return;
            }

            foreach (ulong slot in data.Index.Slots(block))
            {
                if (IndexSlot.IsEntry(slot) && IndexSlot.HashOf(slot, _position) == hash)
                {
                    copies.Add(data.View(IndexSlot.Address(slot)).ToArray());
                }
            }

            GoOnFrom(hash + IndexSlot.HashStep);
        }

        foreach (byte[] copy in copies)
        {
            EntryView entry = new(copy, EntryHeader.Read(copy), isDedicated: true);
            left -= SkippedEntryCost;
            if (entry.LastChange >= _changedSince)
            {
                Emit(entry, entry.Expiration, entry.LastChange, sink, ref left);
            }
        }
    }

    private static bool TryFindNext(ReadOnlySpan<ulong> slots, ulong position, out ulong hash)
    {
        hash = ulong.MaxValue;
        foreach (ulong slot in slots)
        {
            if (IndexSlot.IsEntry(slot) && IndexSlot.HashOf(slot, position) is ulong candidate && candidate >= position && candidate < hash)
            {
                hash = candidate;
            }
        }

        return hash != ulong.MaxValue;
    }
}
