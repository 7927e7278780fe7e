using System.Diagnostics;

namespace EmbeddedRepl.Replication;

/// <summary>
/// The replication stream as far as it is kept: one sequence of blocks that is at once the backlog for partial resyncs and
/// the send queue of every replica. A replica is a <see cref="StreamCursor"/> in it, so another replica adds no copy.
/// Not thread-safe: called under the node's gate. Bytes handed out in a <see cref="StreamLease"/> never change and may be
/// read outside of the gate until the lease is released.
/// </summary>
internal sealed class StreamLog
{
    private readonly StreamBlockPool _pool;
    private readonly List<StreamCursor> _cursors = [];
    private readonly long _startOffset;
    private StreamBlock? _first;
    private StreamBlock? _last;
    private long _windowStartLimit;
    private long _reservedBytes;
    private StreamBlock? _reserved;
    private long _endOffset;
    private int _blockCount;

    /// <param name="startOffset">The first byte this log will hold: where contiguous bytes start.</param>
    /// <param name="backlogSize">How many bytes to keep for partial resyncs, beyond what cursors need.</param>
    /// <param name="isKept">Whether bytes are kept at all; if not, the offset advances without memory.</param>
    /// <param name="pool">Where blocks come from.</param>
    public StreamLog(long startOffset, long backlogSize, bool isKept, StreamBlockPool pool)
    {
        _pool = pool;
        _startOffset = startOffset;
        _endOffset = startOffset;
        BacklogSize = backlogSize;
        IsKept = isKept;
    }

    public long BacklogSize { get; private set; }

    /// <summary>Whether bytes are kept. Once they are, they always are: those that were not cannot be had back, so contiguous bytes start then.</summary>
    public bool IsKept
    {
        get;
        set
        {
            if (value && !field)
            {
                _windowStartLimit = _endOffset;
            }

            field |= value;
        }
    }

    /// <summary>Bytes of stream produced so far, an exclusive end. Readable without the gate.</summary>
    public long EndOffset => Volatile.Read(ref _endOffset);

    /// <summary>
    /// The first offset that can be continued from: at least the last <see cref="BacklogSize"/> bytes, and whatever a slow
    /// replica still pins before them.
    /// </summary>
    public long FirstOffset
    {
        get
        {
            if (!IsKept || _first is null)
            {
                return EndOffset;
            }

            long wanted = Math.Max(EndOffset - BacklogSize, _windowStartLimit);
            foreach (StreamCursor cursor in _cursors)
            {
                wanted = Math.Min(wanted, cursor.Position);
            }

            return Math.Max(wanted, Math.Max(_first.StartOffset, _startOffset));
        }
    }

    /// <summary>
    /// About the first place in the backlog at which a record begins; at most the rest of a block and one record behind <see cref="FirstOffset"/>, which
    /// may be anywhere. Who has not read what comes before must begin here.
    /// </summary>
    public long FirstRecordOffset
    {
        get
        {
            long first = FirstOffset;
            if (first == _startOffset)
            {
                return first;
            }

            StreamBlock? block = _first;
            while (block is not null && block.FirstRecordOffset < first)
            {
                block = block.Next;
            }

            return block?.FirstRecordOffset ?? EndOffset;
        }
    }

    /// <summary>Memory of the blocks in use, in bytes.</summary>
    public long RetainedBytes => (long)_blockCount * _pool.BlockSize;

    /// <summary>Bytes of stream that are kept only because a slow replica has not been sent them: what lies in front of the backlog.</summary>
    public long PinnedBytes => Math.Max(0, Math.Max(_endOffset - BacklogSize, _windowStartLimit) - FirstOffset);

    /// <summary>The first byte that is still in memory. Cheap: the overrun check reads it after every append.</summary>
    public long FirstRetainedOffset => _first?.StartOffset ?? EndOffset;

    /// <summary>
    /// Makes sure that <paramref name="bytes"/> can be appended without allocating, so that a change is never applied to the
    /// store and then missing from the stream because memory ran out in between.
    /// </summary>
    /// <exception cref="OutOfMemoryException">There is no memory; nothing was changed.</exception>
    public void Reserve(long bytes)
    {
        if (!IsKept)
        {
            return;
        }

        long free = (_last?.Free ?? 0) + _reservedBytes;
        while (free < bytes)
        {
            StreamBlock block = _pool.Rent();
            block.Next = _reserved;
            _reserved = block;
            _reservedBytes += _pool.BlockSize;
            free += _pool.BlockSize;
        }
    }

    /// <summary>Appends part of a record. The caller holds the gate until the record is whole.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (!IsKept)
        {
            Volatile.Write(ref _endOffset, _endOffset + bytes.Length);
            return;
        }

        while (!bytes.IsEmpty)
        {
            StreamBlock block = _last is { Free: > 0 } last ? last : AddBlock();
            int count = Math.Min(block.Free, bytes.Length);
            block.Append(bytes[..count]);
            bytes = bytes[count..];
            Volatile.Write(ref _endOffset, _endOffset + count);
        }
    }

    /// <summary>Returns blocks that neither the backlog nor a cursor needs. Called after each append of a whole record.</summary>
    public void Trim()
    {
        if (_last is { FirstRecordOffset: < 0 } last)
        {
            last.FirstRecordOffset = _endOffset;
        }

        long windowStart = Math.Max(_endOffset - BacklogSize, _windowStartLimit);
        while (_first is { Pins: 0 } first && first != _last && first.EndOffset <= windowStart)
        {
            _first = first.Next;
            _blockCount--;
            Unlink(first);
        }
    }

    /// <summary>
    /// Changes the size of the backlog. A smaller one gives memory back at once; a larger one fills as the stream goes on. What a cursor
    /// still needs stays either way.
    /// </summary>
    public void Resize(long backlogSize)
    {
        BacklogSize = backlogSize;
        Trim();
    }

    /// <summary>Forgets the backlog: the window becomes empty at the current end. Bytes that a cursor still needs stay until it has sent them.</summary>
    public void ReleaseBacklog()
    {
        _windowStartLimit = _endOffset;
        Trim();
        if (_first is { Pins: 0 } only && only == _last)
        {
            _first = _last = null;
            _blockCount = 0;
            Unlink(only);
        }
    }

    /// <summary>Opens a cursor at <paramref name="offset"/>, which must lie between <see cref="FirstOffset"/> and <see cref="EndOffset"/>.</summary>
    public StreamCursor OpenCursor(long offset)
    {
        if (!IsKept || offset < FirstOffset || offset > _endOffset)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The stream holds [{FirstOffset}, {_endOffset}].");
        }

        var cursor = new StreamCursor(this, offset, FindBlock(offset));
        _cursors.Add(cursor);
        return cursor;
    }

    internal void Remove(StreamCursor cursor)
    {
        _cursors.Remove(cursor);
        Trim();
    }

    /// <summary>
    /// A lease was given back. Its block may have left the log before: a lease keeps the bytes of one block and never those after it, so that a
    /// sender that is stuck in the connection of a replica that was dropped holds no more than that.
    /// </summary>
    internal void Released(StreamBlock block)
    {
        if (block is { IsLinked: false, Leases: 0, Pins: 0 })
        {
            _pool.Return(block);
        }
    }

    /// <summary>Gives the memory back when the data set is swapped out. A block that a lease holds follows when the lease is given back.</summary>
    public void Drop()
    {
        while (_first is { } block)
        {
            _first = block.Next;
            Unlink(block);
        }

        while (_reserved is { } block)
        {
            _reserved = block.Next;
            _pool.Return(block);
        }

        _last = null;
        _reservedBytes = 0;
        _blockCount = 0;
        _windowStartLimit = _endOffset;
    }

    private void Unlink(StreamBlock block)
    {
        block.IsLinked = false;
        Released(block);
    }

    private StreamBlock? FindBlock(long offset)
    {
        StreamBlock? block = _first;
        while (block is not null && block.EndOffset <= offset && block.Next is not null)
        {
            block = block.Next;
        }

        return block;
    }

    private StreamBlock AddBlock()
    {
        StreamBlock block;
        if (_reserved is { } reserved)
        {
            block = reserved;
            _reserved = reserved.Next;
            _reservedBytes -= _pool.BlockSize;
        }
        else
        {
            block = _pool.Rent();
        }

        block.Open(_endOffset);
        if (_last is null)
        {
            _first = block;
            foreach (StreamCursor cursor in _cursors)
            {
                // Cursors that were opened while nothing was kept stand at the first byte that is now kept.
                cursor.EnterFirst(block);
            }
        }
        else
        {
            Debug.Assert(_last.Free == 0, "A block is left only when it is full, so that offsets map to blocks without gaps.");
            _last.Next = block;
        }

        _last = block;
        _blockCount++;
        return block;
    }
}
