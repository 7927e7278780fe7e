namespace EmbeddedRepl.Storage;

/// <summary>
/// Keeps segments of stores that were cleared or replaced for the next one, up to a bound; what is beyond it is left to the garbage
/// collector. Thread-safe. Nothing here is ever unmapped, so a reader of a former owner reads stale bytes at worst, and its validation tells.
/// </summary>
/// <param name="maxRetainedBytes">The most memory that the pool keeps for later, in bytes.</param>
internal class SegmentPool(long maxRetainedBytes = SegmentPool.DefaultMaxRetainedBytes)
{
    /// <summary>What a pool keeps by default: 64 MiB.</summary>
    public const long DefaultMaxRetainedBytes = 64L << 20;

    private const long MaxBytesOfSmallPages = 16L << 20;

    private readonly Lock _lock = new();
    private readonly Stack<byte[]> _segments = new();
    private readonly Stack<ulong[]> _slabs = new();
    private long _retainedBytes;
    private long _allocatedBytes;
    private long _expectedSegments;
    private bool _isPreparing;

    /// <summary>How much memory the pool keeps at the moment, in bytes.</summary>
    public long RetainedBytes
    {
        get
        {
            lock (_lock)
            {
                return _retainedBytes;
            }
        }
    }

    /// <summary>
    /// Says that a data set of that size is about to be loaded: while one segment is being filled the next is prepared on another thread. Fresh memory has to be cleared by the system, which takes a loader a fifth of its time.
    /// If that thread is late, nobody waits for it.
    /// </summary>
    /// <param name="bytes">An announcement, which need not be true: no more than one segment is taken in advance. Of no effect where small stores stay as small as they are. 0 when the load is over.</param>
    public virtual void Expect(long bytes)
    {
        lock (_lock)
        {
            _expectedSegments = bytes > MaxBytesOfSmallPages ? bytes / EntryAddress.SegmentSize : 0;
            PrepareNext();
        }
    }

    /// <summary>Hands out a segment of <see cref="EntryAddress.SegmentSize"/> bytes with undefined content.</summary>
    /// <exception cref="StoreFullException">The process has no memory left.</exception>
    public byte[] RentSegment()
    {
        lock (_lock)
        {
            _segments.TryPop(out byte[]? segment);
            _retainedBytes -= segment?.Length ?? 0;
            PrepareNext();
            if (segment is not null)
            {
                return segment;
            }
        }

        return NewSegment();
    }

    /// <summary>Hands out a slab of index blocks with undefined content.</summary>
    /// <exception cref="StoreFullException">The process has no memory left.</exception>
    public ulong[] RentSlab()
    {
        lock (_lock)
        {
            if (_slabs.TryPop(out ulong[]? slab))
            {
                _retainedBytes -= SizeOf(slab);
                return slab;
            }
        }

        return NewSlab();
    }

    /// <summary>Takes a segment back. The caller has bumped every stripe whose readers may still look at it.</summary>
    public void Return(byte[] segment)
    {
        lock (_lock)
        {
            if (_retainedBytes + segment.Length <= maxRetainedBytes)
            {
                _retainedBytes += segment.Length;
                _segments.Push(segment);
            }
        }
    }

    /// <summary>Takes a slab back. The caller has bumped every stripe whose readers may still look at it.</summary>
    public void Return(ulong[] slab)
    {
        lock (_lock)
        {
            if (_retainedBytes + SizeOf(slab) <= maxRetainedBytes)
            {
                _retainedBytes += SizeOf(slab);
                _slabs.Push(slab);
            }
        }
    }

    /// <summary>Allocates the memory of one large entry, or of a segment.</summary>
    /// <exception cref="StoreFullException">The process has no memory left.</exception>
    internal static byte[] AllocateSegment(int size, bool pinned) => Allocate<byte>(size, pinned);

    /// <summary>Takes a segment from the system. Any thread.</summary>
    /// <exception cref="StoreFullException">The process has no memory left.</exception>
    protected virtual byte[] NewSegment()
    {
        byte[] fresh = AllocateSegment(EntryAddress.SegmentSize, pinned: true);
        Back(fresh, fresh.Length);
        return fresh;
    }

    /// <summary>Takes a slab from the system. Any thread.</summary>
    /// <exception cref="StoreFullException">The process has no memory left.</exception>
    protected virtual ulong[] NewSlab()
    {
        ulong[] fresh = Allocate<ulong>(IndexBlockPool.SlabLength, pinned: true);
        Back(fresh, SizeOf(fresh));
        return fresh;
    }

    private static T[] Allocate<T>(int length, bool pinned)
    {
        try
        {
            return GC.AllocateUninitializedArray<T>(length, pinned);
        }
        catch (OutOfMemoryException e)
        {
            throw OutOfMemory(e);
        }
    }

    // Under the lock.
    private void PrepareNext()
    {
        if (_expectedSegments == 0 || _segments.Count > 0 || _isPreparing || maxRetainedBytes < EntryAddress.SegmentSize)
        {
            return;
        }

        _expectedSegments--;
        try
        {
            _isPreparing = ThreadPool.UnsafeQueueUserWorkItem(static pool => pool.Prepare(), this, preferLocal: false);
        }
        catch (OutOfMemoryException)
        {
            // Whoever needs the memory learns it.
        }
    }

    private void Prepare()
    {
        try
        {
            byte[] segment = NewSegment();
            for (int i = 0; i < segment.Length; i += Environment.SystemPageSize)
            {
                segment[i] = 0;
            }

            lock (_lock)
            {
                _segments.Push(segment);
                _retainedBytes += segment.Length;
            }
        }
        catch (Exception exception) when (exception is StoreFullException or OutOfMemoryException)
        {
            // Whoever needs the memory learns it.
        }
        finally
        {
            lock (_lock)
            {
                _isPreparing = false;
            }
        }
    }

    // Small stores stay as small as they are.
    private void Back(Array fresh, long bytes)
    {
        if (Interlocked.Add(ref _allocatedBytes, bytes) > MaxBytesOfSmallPages)
        {
            HugePages.Back(fresh, bytes);
        }
    }

    private static long SizeOf(ulong[] slab) => (long)slab.Length * sizeof(ulong);

    internal static StoreFullException OutOfMemory(OutOfMemoryException e) => new("The process has no memory left for the store.", e);
}
