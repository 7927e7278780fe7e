using System.Diagnostics;

namespace EmbeddedRepl.Replication;

/// <summary>
/// A replica's place in the stream. Pins the block it stands in, and so everything after it. Not thread-safe: called under
/// the node's gate.
/// </summary>
internal sealed class StreamCursor
{
    private readonly StreamLog _log;
    private StreamBlock? _block;

    internal StreamCursor(StreamLog log, long position, StreamBlock? block)
    {
        _log = log;
        Position = position;
        Enter(block);
    }

    /// <summary>The next byte to be sent.</summary>
    public long Position { get; private set; }

    public bool IsClosed { get; private set; }

    /// <summary>Bytes that are produced and not yet handed out.</summary>
    public long PendingBytes => IsClosed ? 0 : _log.EndOffset - Position;

    /// <summary>
    /// Hands out the next bytes, at most <paramref name="maxBytes"/>, not past <paramref name="limitOffset"/> and not past the
    /// end of a block, and moves the cursor behind them. The lease stays valid when the cursor is closed, until it is released under the gate.
    /// </summary>
    /// <returns>Whether there was anything to hand out.</returns>
    public bool TryLease(int maxBytes, long limitOffset, out StreamLease lease)
    {
        long available = Math.Min(_log.EndOffset, limitOffset) - Position;
        if (IsClosed || available <= 0)
        {
            lease = default;
            return false;
        }

        while (_block!.EndOffset <= Position)
        {
            StreamBlock? next = _block.Next;
            Debug.Assert(next is not null, "Bytes are available, so a later block must hold them.");
            Leave();
            Enter(next);

            // The block behind may be needed by nobody else, and no append, which would notice it, may come for long.
            _log.Trim();
        }

        int start = (int)(Position - _block.StartOffset);
        int count = (int)Math.Min(Math.Min(available, maxBytes), _block.Length - start);
        _block.Leases++;
        lease = new StreamLease(_log, _block, Position, _block.Bytes.AsMemory(start, count));
        Position += count;
        return true;
    }

    /// <summary>Gives the place up; leases that are still out stay valid.</summary>
    public void Close()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            Leave();
            _log.Remove(this);
        }
    }

    internal void EnterFirst(StreamBlock block)
    {
        if (_block is null)
        {
            Enter(block);
        }
    }

    private void Enter(StreamBlock? block)
    {
        _block = block;
        if (block is not null)
        {
            block.Pins++;
        }
    }

    private void Leave()
    {
        if (_block is not null)
        {
            _block.Pins--;
            _block = null;
        }
    }
}

/// <summary>Bytes of the stream that are safe to read outside of the gate until the lease is released.</summary>
internal readonly record struct StreamLease(StreamLog Log, StreamBlock Block, long StartOffset, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Gives the bytes back. Called once, under the gate.</summary>
    public void Release()
    {
        Block.Leases--;
        Log.Released(Block);
    }
}
