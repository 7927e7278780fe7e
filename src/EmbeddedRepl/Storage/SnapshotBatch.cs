namespace EmbeddedRepl.Storage;

/// <summary>A copy of one index block's slots, in the order of their hashes, with the generations of the stripes that they belong to.</summary>
internal sealed class SnapshotBatch
{
    // Entries lie anywhere in memory, in no order that the processor could foresee. Read one by one each costs a wait for the memory, asked for some ahead the waits overlap, with each other and with what is done with
    // those before.
    private const int EntriesAhead = 16;
    private const int BytesAhead = 192;

    private readonly ulong[] _slots = new ulong[IndexBlockPool.BlockSlots];
    private readonly long[] _generations = new long[1 << (StripeGenerations.Bits - HashIndex.MinDepth)];
    private StoreData? _data;
    private ulong _rangeHash;
    private int _count;
    private int _next;
    private int _firstStripe;
    private int _loadedAhead;
    private int _ignored;

    /// <summary>Whether nothing is loaded.</summary>
    public bool IsEmpty => _data is null;

    /// <summary>The data that the slots come from.</summary>
    public StoreData Data => _data!;

    /// <summary>The first hash behind the block's range; 0 behind the last one.</summary>
    public ulong End { get; private set; }

    /// <summary>Copies the block that holds a hash, without the entries before that hash. Takes the gate for the copying alone.</summary>
    public void Load(CacheStore store, ulong position)
    {
        _count = 0;
        _next = 0;
        _loadedAhead = 0;
        lock (store.Gate)
        {
            _data = DataOf(store);
            int block = _data.Index.BlockOf(position);
            int depth = _data.Index.Info(block).Depth;
            _rangeHash = position;
            End = HashIndex.EndOfRange(position, depth);
            _firstStripe = StripeOf(depth < StripeGenerations.Bits ? position >> (64 - depth) << (64 - depth) : position);
            _data.Generations.Range(position, depth).CopyTo(_generations);
            foreach (ulong slot in _data.Index.Slots(block))
            {
                if (IndexSlot.IsEntry(slot) && IndexSlot.HashOf(slot, position) >= position)
                {
                    _slots[_count++] = slot;
                }
            }
        }

        // All tags of a block stand behind the same bits, and a tag is on top of its slot.
        _slots.AsSpan(0, _count).Sort();
    }

    /// <summary>Forgets what is loaded.</summary>
    public void Drop() => _data = null;

    /// <summary>The next entry.</summary>
    /// <param name="hash">The first 30 bits of its hash, the rest 0.</param>
    /// <param name="address">Where it was when the block was copied.</param>
    public bool TryPeek(out ulong hash, out long address)
    {
        if (_next == _count)
        {
            hash = 0;
            address = 0;
            return false;
        }

        if (_next + EntriesAhead >= _loadedAhead)
        {
            LoadAhead();
        }

        hash = IndexSlot.HashOf(_slots[_next], _rangeHash);
        address = IndexSlot.Address(_slots[_next]);
        return true;
    }

    /// <summary>Goes on to the entry after.</summary>
    public void Advance() => _next++;

    /// <summary>The stripe of an entry.</summary>
    /// <param name="hash">The entry's hash.</param>
    /// <param name="expected">What the stripe said when the block was copied.</param>
    public ref long GenerationOf(ulong hash, out long expected)
    {
        expected = _generations[StripeOf(hash) - _firstStripe];
        return ref Data.Generations.Of(hash);
    }

    internal static StoreData DataOf(CacheStore store)
    {
        StoreData data = store.Data;
        return data.IsRetired ? throw new InvalidOperationException("The store was retired during the snapshot, which is incomplete.") : data;
    }

    /// <summary>
    /// Brings the beginnings of the next entries into the processor's cache. A slot may be stale, so what is read may be anything, or be written at this moment, and is not used.
    /// </summary>
    private void LoadAhead()
    {
        int end = Math.Min(_loadedAhead + EntriesAhead, _count);
        int read = 0;
        foreach (ulong slot in _slots.AsSpan(_loadedAhead, end - _loadedAhead))
        {
            if (ProcessorCache.CanPrefetch)
            {
                Data.PrefetchLines(IndexSlot.Address(slot), BytesAhead);
            }
            else
            {
                read += Data.PeekLines(IndexSlot.Address(slot), BytesAhead);
            }
        }

        // Stored, so that the reads are not left out as useless.
        Volatile.Write(ref _ignored, read);
        _loadedAhead = end;
    }

    private static int StripeOf(ulong hash) => (int)(hash >> (64 - StripeGenerations.Bits));
}
