using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Counts hits and misses exactly, at the cost of a load, a comparison and an addition: each thread has a cell that it alone writes. Cells of threads that have
/// ended are added up and dropped when a new thread comes, so there are never more than about as many as live threads. Thread-safe.
/// </summary>
internal sealed class ReadCounters
{
    [ThreadStatic]
    private static Cell? _last;

    private readonly Lock _lock = new();
    private readonly ConditionalWeakTable<Thread, Cell> _cellOf = [];
    private readonly List<Cell> _cells = [];
    private long _hits;
    private long _misses;

    /// <summary>Counts one read. Any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Count(bool isHit)
    {
        Cell? cell = _last;
        if (cell is null || cell.Owner != this)
        {
            cell = FindCell();
        }

        if (isHit)
        {
            cell.Hits++;
        }
        else
        {
            cell.Misses++;
        }
    }

    /// <summary>What has been counted, by all threads. Any thread.</summary>
    public (long Hits, long Misses) Sum()
    {
        lock (_lock)
        {
            long hits = _hits;
            long misses = _misses;
            foreach (Cell cell in _cells)
            {
                hits += Volatile.Read(ref cell.Hits);
                misses += Volatile.Read(ref cell.Misses);
            }

            return (hits, misses);
        }
    }

    // Once for each thread, and again whenever a thread turns from one cache to another.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Cell FindCell()
    {
        Thread thread = Thread.CurrentThread;
        if (!_cellOf.TryGetValue(thread, out Cell? cell))
        {
            cell = new Cell(this, new WeakReference<Thread>(thread));
            _cellOf.Add(thread, cell);
            lock (_lock)
            {
                _cells.RemoveAll(TakeIfDead);
                _cells.Add(cell);
            }
        }

        _last = cell;
        return cell;
    }

    private bool TakeIfDead(Cell cell)
    {
        if (cell.Thread.TryGetTarget(out Thread? thread) && thread.IsAlive)
        {
            return false;
        }

        _hits += cell.Hits;
        _misses += cell.Misses;
        return true;
    }

    /// <summary>What one thread has counted. Longer than a line of the processor's cache, so that threads do not disturb each other.</summary>
    private sealed class Cell(ReadCounters owner, WeakReference<Thread> thread)
    {
        public readonly ReadCounters Owner = owner;
        public readonly WeakReference<Thread> Thread = thread;
        public long Hits;
        public long Misses;
#pragma warning disable CS0169, IDE0051 // Room between this cell's numbers and the next one's.
        private readonly Padding _padding;
#pragma warning restore CS0169, IDE0051
    }

    [InlineArray(12)]
    private struct Padding
    {
        private long _first;
    }
}
