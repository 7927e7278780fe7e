namespace EmbeddedRepl.Storage;

/// <summary>
/// Iterates over the keys of a store in the order of the first 30 bits of their hash, those that the index knows, beside writers. A key that is there from beginning to end is handed out exactly once: all keys of one hash
/// are taken together, from a stripe that nobody has changed meanwhile, or under the gate, and the position is behind them from then on. Expired entries are left out. Used by
/// one thread at a time, which need not hold the gate; the cursor takes it for less than a few microseconds at a time.
/// </summary>
/// <param name="store">Whose keys they are.</param>
/// <param name="prefix">The bytes that the keys begin with.</param>
internal sealed class KeyCursor(CacheStore store, byte[] prefix)
{
    // What one step hands out at most, in bytes of keys, so that very long keys do not fill the memory.
    private const int EnoughBytes = 256 * 1024;
    private const int MaxDisturbances = 3;

    private readonly SnapshotBatch _batch = new();
    private StoreData? _data;
    private ulong _position;
    private int _disturbances;

    /// <summary>Whether all keys were handed out.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Hands out the next keys, of one index block at most; perhaps none.</summary>
    /// <param name="keys">Receives the keys' bytes (copies).</param>
    /// <returns>False if the store was cleared or retired since the last step, so that this iteration cannot go on.</returns>
    public bool Step(List<byte[]> keys)
    {
        lock (store.Gate)
        {
            if (store.IsRetired || (_data is not null && _data != store.Data))
            {
                return false;
            }

            _data = store.Data;
            _batch.Load(store, _position);
        }

        int taken = 0;
        while (_batch.TryPeek(out ulong hash, out _))
        {
            int before = keys.Count;
            if (TryTakeGroup(hash, keys, ref taken))
            {
                _disturbances = 0;
            }
            else
            {
                keys.RemoveRange(before, keys.Count - before);
                _position = hash;
                if (++_disturbances <= MaxDisturbances || !TakeGroupUnderGate(hash, keys))
                {
                    return true;
                }

                taken = EnoughBytes;
                _disturbances = 0;
            }

            if (taken >= EnoughBytes)
            {
                GoOnFrom(hash + IndexSlot.HashStep);
                return true;
            }
        }

        GoOnFrom(_batch.End);
        return true;
    }

    // Past the last hash the position wraps around to 0.
    private void GoOnFrom(ulong position)
    {
        _position = position;
        IsDone = position == 0;
    }

    // Nearly always one entry.
    private bool TryTakeGroup(ulong hash, List<byte[]> keys, ref int taken)
    {
        while (_batch.TryPeek(out ulong next, out long address) && next == hash)
        {
            ref long generation = ref _batch.GenerationOf(hash, out long expected);
            if (!_batch.Data.TryView(address, ref generation, expected, out EntryView entry))
            {
                return false;
            }

            bool isWanted = entry.Key.StartsWith(prefix);
            byte[] key = isWanted ? entry.Key.ToArray() : [];
            if (!StripeGenerations.IsUnchanged(ref generation, expected))
            {
                return false;
            }

            if (isWanted && (!entry.Header.Expires || IsAlive(key)))
            {
                keys.Add(key);
                taken += key.Length;
            }

            _batch.Advance();
        }

        return true;
    }

    /// <returns>False if the data is no longer what the batch was loaded from.</returns>
    private bool TakeGroupUnderGate(ulong hash, List<byte[]> keys)
    {
        lock (store.Gate)
        {
            if (_data != store.Data)
            {
                return false;
            }

            foreach (ulong slot in _data.Index.Slots(_data.Index.BlockOf(hash)))
            {
                if (IndexSlot.IsEntry(slot) && IndexSlot.HashOf(slot, hash) == hash)
                {
                    EntryView entry = _data.View(IndexSlot.Address(slot));
                    if (entry.Key.StartsWith(prefix) && IsAlive(entry.Key))
                    {
                        keys.Add(entry.Key.ToArray());
                    }
                }
            }

            return true;
        }
    }

    /// <summary>Whether an entry is there that has not expired, by what reads on this node have extended it to.</summary>
    private bool IsAlive(ReadOnlySpan<byte> key) => !store.VersionOf(store.MakeKey(key)).IsNone;
}
