namespace EmbeddedRepl.Storage;

/// <summary>Which slots of the index hold newcomers (<see cref="EvictionPolicy"/>), one bit each, beside the slots. For the writer. Exists only while there is a limit.</summary>
internal sealed class NewcomerMarks
{
    /// <summary>Memory per block of the index, in bytes.</summary>
    public const int BytesPerBlock = WordsPerBlock * sizeof(ulong);

    private const int WordsPerBlock = IndexBlockPool.BlockSlots / 64;
    private const int BlocksPerSlab = IndexBlockPool.SlabSlots / IndexBlockPool.BlockSlots;

    private ulong[][] _slabs = [];

    /// <summary>The newcomers of a block, a bit each.</summary>
    public Span<ulong> Of(int block) => _slabs[block / BlocksPerSlab].AsSpan(block % BlocksPerSlab * WordsPerBlock, WordsPerBlock);

    /// <summary>Whether a slot holds a newcomer.</summary>
    public bool IsNewcomer(int block, int position) => (Of(block)[position / 64] >> (position % 64) & 1) != 0;

    /// <summary>Changes whether a slot holds a newcomer.</summary>
    public void SetNewcomer(int block, int position, bool value)
    {
        ref ulong word = ref Of(block)[position / 64];
        ulong bit = 1UL << (position % 64);
        word = value ? word | bit : word & ~bit;
    }

    /// <summary>An entry moves to another slot.</summary>
    public void Move(int block, int position, int newBlock, int newPosition) => SetNewcomer(newBlock, newPosition, IsNewcomer(block, position));

    /// <summary>Forgets everything about a block.</summary>
    public void Clear(int block) => Of(block).Clear();

    /// <summary>Makes room for so many slabs of slots.</summary>
    /// <exception cref="StoreFullException">The process has no memory left; nothing has changed.</exception>
    public void EnsureSlabs(int count)
    {
        while (_slabs.Length < count)
        {
            try
            {
                _slabs = [.. _slabs, new ulong[BlocksPerSlab * WordsPerBlock]];
            }
            catch (OutOfMemoryException e)
            {
                throw SegmentPool.OutOfMemory(e);
            }
        }
    }
}
