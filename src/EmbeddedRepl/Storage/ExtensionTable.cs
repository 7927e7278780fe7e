namespace EmbeddedRepl.Storage;

/// <summary>
/// How far reads on this node have extended each sliding entry. It is no part of entry, digest, snapshot or file. One word per entry:
/// 16 bits of generation above 48 bits of UTC milliseconds (0: not extended). Readers change words by compare-and-exchange; a word that has been given to
/// another entry since has another generation, so a late reader can't extend a stranger.
/// Given out and taken back under the gate; the rest needs no gate.
/// </summary>
internal sealed class ExtensionTable(MemoryBudget budget)
{
    private const int ChunkBits = 12;
    private const int ChunkSize = 1 << ChunkBits;
    private const int DeadlineBits = 48;
    private const long DeadlineMask = (1L << DeadlineBits) - 1;

    private readonly Stack<int> _free = new();
    private long[][] _chunks = [];
    private int _next;

    /// <summary>The deadline in a word, in UTC ms; 0 if the entry is not extended.</summary>
    public static long DeadlineOf(long word) => word & DeadlineMask;

    /// <summary>Gives out a word that says "not extended".</summary>
    /// <exception cref="StoreFullException">The limit is reached; nothing has changed.</exception>
    public int Take()
    {
        if (_free.TryPop(out int index))
        {
            return index;
        }

        if (_next == _chunks.Length << ChunkBits)
        {
            budget.Take(ChunkSize * sizeof(long));
            Volatile.Write(ref _chunks, [.. _chunks, new long[ChunkSize]]);
        }

        return _next++;
    }

    /// <summary>Takes a word back; readers that still know it fail from now on.</summary>
    public void Release(int index)
    {
        ref long word = ref _chunks[index >> ChunkBits][index & (ChunkSize - 1)];
        long generation = (Volatile.Read(ref word) & ~DeadlineMask) + (1L << DeadlineBits);
        Interlocked.Exchange(ref word, generation);
        _free.Push(index);
    }

    /// <summary>Reads a word. The index may be torn; what was read counts only if the entry's generation is unchanged afterwards.</summary>
    public long Read(int index)
    {
        long[][] chunks = Volatile.Read(ref _chunks);
        int chunk = index >> ChunkBits;
        return (uint)chunk < (uint)chunks.Length ? Volatile.Read(ref chunks[chunk][index & (ChunkSize - 1)]) : 0;
    }

    /// <summary>Extends an entry whose word was read as <paramref name="word"/>.</summary>
    /// <param name="index">The entry's index, checked.</param>
    /// <param name="word">What <see cref="Read"/> returned; receives what is there now if somebody else was faster.</param>
    /// <param name="deadline">The new deadline in UTC ms.</param>
    /// <returns>Whether the word was changed.</returns>
    public bool TryExtend(int index, ref long word, long deadline)
    {
        long extended = (word & ~DeadlineMask) | deadline;
        long found = Interlocked.CompareExchange(ref _chunks[index >> ChunkBits][index & (ChunkSize - 1)], extended, word);
        bool done = found == word;
        word = found;
        return done;
    }

    /// <summary>Whether two words were read from the same entry.</summary>
    public static bool IsSameEntry(long word, long other) => ((word ^ other) & ~DeadlineMask) == 0;
}
