using System.Diagnostics;

namespace EmbeddedRepl.Storage;

/// <summary>
/// The in-memory data set of a node, invisible to the garbage collector; see <c>DESIGN.md</c> beside this file. Reads take no lock and may come
/// from any thread at any time, also during <see cref="Clear"/> and <see cref="Retire"/>. All changes are made by the holder of the gate.
/// </summary>
internal sealed partial class CacheStore
{
    private readonly TimeProvider _time;
    private readonly Lock _gate;
    private readonly SegmentPool _pool;
    private readonly TouchQueue _touches;
    private readonly ulong _digestSeed;
    private readonly KeyHash _keyHash;
    private StoreData _data;
    private Compactor _compactor;

    /// <summary>Creates an empty store.</summary>
    /// <param name="options">Limits; read once.</param>
    /// <param name="seed">The secret of the data set.</param>
    /// <param name="time">The clock that deadlines are compared to; not read for entries without a deadline.</param>
    /// <param name="gate">Orders the changes. A reader takes it only after <see cref="StoreLimits.MaxOptimisticReads"/> attempts were disturbed by writers.</param>
    /// <param name="pool">Where memory comes from and goes to; null for a pool of the store's own.</param>
    public CacheStore(StoreOptions options, StoreSeed seed, TimeProvider time, Lock gate, SegmentPool? pool = null)
    {
        _time = time;
        _gate = gate;
        _pool = pool ?? new SegmentPool();
        _touches = new TouchQueue(options.MaxPendingTouches);
        _digestSeed = seed.DigestSeed;
        _keyHash = new KeyHash(seed, options.UsesAesHash);
        Seed = seed;
        _data = new StoreData(_pool, options.MaxBytes, Probe);
        _compactor = new Compactor(_data, _keyHash);
    }

    /// <summary>The secret of the data set.</summary>
    public StoreSeed Seed { get; }

    /// <summary>Number of entries, expired ones included. Any thread.</summary>
    public long Count => Volatile.Read(ref _data).Count;

    /// <summary>Whether there are no entries. Any thread.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Whether another store has taken this one's place. Any thread.</summary>
    public bool IsRetired => Volatile.Read(ref _data).IsRetired;

    /// <summary>Memory in use, in bytes: pages, large entries, index, extensions. Any thread.</summary>
    public long UsedBytes => Volatile.Read(ref _data).Budget.UsedBytes;

    /// <summary>The running digest. The caller holds the gate.</summary>
    public StoreDigest Digest
    {
        get
        {
            Debug.Assert(_gate.IsHeldByCurrentThread);
            return _data.Digest;
        }
    }

    /// <summary>How many touches were dropped because too many were waiting. Any thread.</summary>
    public long TouchesDropped => _touches.Dropped;

    /// <summary>How many reads waited for the gate because writers disturbed them too often. Any thread.</summary>
    public long GatedReads => Volatile.Read(ref _gatedReads);

    /// <summary>Where tests stand between the steps of a write.</summary>
    internal WriterProbe Probe { get; } = new();

    /// <summary>The current data, for the snapshot cursor, which takes the gate.</summary>
    internal StoreData Data => _data;

    /// <summary>The gate, for the snapshot cursor.</summary>
    internal Lock Gate => _gate;

    /// <summary>Makes the hashed key that writes take. Any thread; borrows the bytes.</summary>
    public StoreKey MakeKey(ReadOnlySpan<byte> bytes) => new(bytes, _keyHash.Hash(bytes));

    /// <summary>Removes all entries in one step, in constant time. The caller holds the gate.</summary>
    public void Clear()
    {
        StoreData old = DataForWriting();
        Replace(old, new StoreData(_pool, old.Budget.MaxBytes, Probe));
    }

    /// <summary>
    /// Ends the store after another one has taken its place: gives its memory away and lets every read, also one under way, end with
    /// <see cref="ReadOutcome.Retired"/>. The caller holds the gate.
    /// </summary>
    public void Retire()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        if (!_data.IsRetired)
        {
            Replace(_data, RetiredData.Instance);
        }
    }

    /// <summary>
    /// Makes room in the index for a data set of that size, so that a loader does not have to grow it step by step, and has memory for its entries prepared while it loads (<see cref="SegmentPool.Expect"/>). The caller
    /// holds the gate.
    /// </summary>
    /// <param name="entries">The announced number; at most <see cref="StoreLimits.MaxPresizedEntries"/> of it are believed.</param>
    /// <param name="bytes">The announced memory of the data set; nothing of it is taken before it is needed but one segment.</param>
    /// <exception cref="StoreFullException">The limit is reached; the index is as deep as it got.</exception>
    public void EnsureCapacity(long entries, long bytes = 0)
    {
        const int EntriesPerBlock = HashIndex.FullBlock * 85 / 100;

        StoreData data = DataForWriting();
        _pool.Expect(bytes);
        long blocks = Math.Clamp(entries, 0, StoreLimits.MaxPresizedEntries) / EntriesPerBlock;
        data.Index.Deepen(Math.Max(HashIndex.MinDepth, 64 - (int)long.LeadingZeroCount(blocks)));
    }

    /// <summary>What <see cref="EnsureCapacity"/> had announced has come, or will not come: no more memory is prepared. Any thread.</summary>
    public void EndOfLoad() => _pool.Expect(0);

    /// <summary>Does a bounded piece of work that needs no write to set it off: compaction, and emptying idle magazines. The caller holds the gate.</summary>
    /// <returns>Whether there is more to do at once.</returns>
    public bool Maintain()
    {
        const int MaxMoves = 256;

        StoreData data = DataForWriting();
        data.Allocator.DrainNextMagazine();
        return _compactor.IsWorthwhile && _compactor.Step(MaxMoves);
    }

    /// <summary>Counts and hashes all entries anew, from their bytes; for tests and diagnosis, takes long. The caller holds the gate.</summary>
    public StoreDigest Recount(out long count)
    {
        StoreData data = DataForWriting();
        StoreDigest sum = default;
        count = 0;
        ulong hash = 0;
        do
        {
            int block = data.Index.BlockOf(hash);
            foreach (ulong slot in data.Index.Slots(block))
            {
                if (IndexSlot.IsEntry(slot))
                {
                    EntryView entry = data.View(IndexSlot.Address(slot));
                    UInt128 content = EntryHash.OfContent(entry.Content, entry.Header.KeyLength, _digestSeed);
                    sum += EntryHash.Of(content, entry.Expiration, _digestSeed);
                    count++;
                }
            }

            hash = HashIndex.EndOfRange(hash, data.Index.Info(block).Depth);
        }
        while (hash != 0);

        return sum;
    }

    /// <summary>Starts an iteration over all entries that runs beside writers. Any thread.</summary>
    /// <param name="changedSince">Only entries whose last change is at or after this replication offset.</param>
    public SnapshotCursor CreateSnapshotCursor(long changedSince = long.MinValue) => new(this, changedSince);

    /// <summary>Starts an iteration over all keys that begin with the given bytes. Any thread.</summary>
    public KeyCursor CreateKeyCursor(byte[] prefix) => new(this, prefix);

    private void Replace(StoreData old, StoreData fresh)
    {
        _compactor = new Compactor(fresh, _keyHash);
        Volatile.Write(ref _data, fresh);
        Probe.At(WriterStep.DataReplaced);
        old.Recycle();
    }

    private StoreData DataForWriting()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        StoreData data = _data;
        if (data.IsRetired)
        {
            throw new InvalidOperationException("The store has been retired.");
        }

        return data;
    }
}
