namespace EmbeddedRepl.Replication;

/// <summary>
/// Recycles the memory of the stream between the logs of one node. Not thread-safe: called under the node's gate.
/// At most <see cref="MaxFreeBlocks"/> blocks are kept; more are left to the garbage collector.
/// </summary>
internal sealed class StreamBlockPool(int blockSize, int maxFreeBlocks)
{
    /// <summary>Large enough to amortise a send, small enough that an almost empty backlog costs little.</summary>
    public const int DefaultBlockSize = 64 * 1024;

    private readonly Stack<StreamBlock> _free = new();

    public int BlockSize { get; } = blockSize;

    /// <summary>How many unused blocks are kept for the next use.</summary>
    public int MaxFreeBlocks { get; set; } = maxFreeBlocks;

    public int FreeBlocks => _free.Count;

    public StreamBlock Rent() => _free.TryPop(out StreamBlock? block) ? block : new StreamBlock(BlockSize);

    /// <summary>Leaves unused blocks to the garbage collector.</summary>
    /// <param name="keep">How many to keep.</param>
    public void Shrink(int keep)
    {
        while (_free.Count > keep)
        {
            _free.Pop();
        }

    }

    public void Return(StreamBlock block)
    {
        block.Next = null;
        if (_free.Count < MaxFreeBlocks)
        {
            _free.Push(block);
        }
    }
}
