using System.Numerics;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Remembers newcomers that were evicted, by 16 bits of their hash: who comes back soon was evicted too early. Sets of four, the oldest is forgotten first. A mistaken
/// hit (about 1 in 8,000) keeps an entry for longer than it deserves, nothing more. For the writer.
/// </summary>
internal sealed class GhostTable(MemoryBudget budget)
{
    private const int Ways = 4;
    private const int InitialSize = 1024;

    private ushort[] _marks = [];

    /// <summary>Remembers an entry, as many as there are entries in the store.</summary>
    public void Add(ulong hash, long entries)
    {
        if (entries > _marks.Length)
        {
            Grow(entries);
        }

        if (_marks.Length == 0)
        {
            return;
        }

        Span<ushort> set = SetOf(hash, out ushort mark);
        set[..(Ways - 1)].CopyTo(set[1..]);
        set[0] = mark;
    }

    /// <summary>Whether the entry was evicted lately; it is forgotten with that.</summary>
    public bool TryTake(ulong hash)
    {
        if (_marks.Length == 0)
        {
            return false;
        }

        Span<ushort> set = SetOf(hash, out ushort mark);
        int way = set.IndexOf(mark);
        if (way >= 0)
        {
            set[way] = 0;
        }

        return way >= 0;
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        budget.Release((long)_marks.Length * sizeof(ushort));
        _marks = [];
    }

    // What was remembered is lost when the table grows, which it does as seldom as the number of entries doubles.
    private void Grow(long entries)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(entries, InitialSize, 1 << 30));
        ushort[] larger;
        try
        {
            larger = new ushort[size];
        }
        catch (OutOfMemoryException)
        {
            // It works without, only not as well; what is short of memory must not fail for it.
            return;
        }

        Release();
        budget.Add((long)size * sizeof(ushort));
        _marks = larger;
    }

    // Of the hash only the upper bits are known of an entry in the index.
    private Span<ushort> SetOf(ulong hash, out ushort mark)
    {
        uint mixed = (uint)(hash >> IndexSlot.UnknownHashBits) * 0x9E3779B1;
        mark = (ushort)(mixed | 1);
        int sets = _marks.Length / Ways;
        return _marks.AsSpan((int)(mixed >> (32 - BitOperations.Log2((uint)sets))) * Ways, Ways);
    }
}
