namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>
/// Remembers, for each item, which of its writes were begun and which the master has confirmed. Items are called by their
/// number. The first ones are there from the start and are overwritten again and again; later ones are written once, so that
/// a write that got lost on its way to a node is never healed by the next one.
/// Writes of one item must not overlap; everything else may happen on any thread.
/// </summary>
internal sealed class Ledger
{
    private readonly long[] _begun;
    private readonly long[] _confirmed;
    private int _count;

    /// <summary>Creates a ledger in which nothing was written yet.</summary>
    /// <param name="initialCount">How many items are there from the start.</param>
    /// <param name="capacity">How many there may be in the end.</param>
    public Ledger(int initialCount, int capacity)
    {
        InitialCount = initialCount;
        _count = initialCount;
        _begun = new long[capacity];
        _confirmed = new long[capacity];
    }

    /// <summary>How many items are there from the start.</summary>
    public int InitialCount { get; }

    /// <summary>How many items there are by now, some of them perhaps on their way to the master.</summary>
    public int Count => Math.Min(Volatile.Read(ref _count), Capacity);

    /// <summary>How many items there may be.</summary>
    public int Capacity => _begun.Length;

    /// <summary>What an item is called in the cache.</summary>
    public static string KeyOf(int number) => $"item:{number:D5}";

    /// <summary>Adds an item.</summary>
    /// <returns>False if there is no room for more.</returns>
    public bool TryAdd(out int number)
    {
        number = Interlocked.Increment(ref _count) - 1;
        return number < Capacity;
    }

    /// <summary>Notes that a write is about to be sent; it may be seen from now on.</summary>
    /// <returns>Its number, 1 for the first write of an item.</returns>
    public long Begin(int number) => Interlocked.Increment(ref _begun[number]);

    /// <summary>Notes that the master has confirmed a write; on the master it must be seen from now on.</summary>
    public void Confirm(int number, long sequence) => Volatile.Write(ref _confirmed[number], sequence);

    /// <summary>The newest write that may be seen; 0 for none.</summary>
    public long NewestBegun(int number) => Volatile.Read(ref _begun[number]);

    /// <summary>The newest write that the master has confirmed; 0 for none.</summary>
    public long NewestConfirmed(int number) => Volatile.Read(ref _confirmed[number]);
}
