namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>
/// Remembers, for each key that stays, which of its writes were begun and which the master has confirmed. Keys are called by
/// their number. Writes of one key must not overlap; everything else may happen on any thread.
/// </summary>
internal sealed class Ledger
{
    private readonly long[] _begun;
    private readonly long[] _confirmed;

    /// <summary>Creates a ledger in which nothing was written yet.</summary>
    public Ledger(int keyCount)
    {
        _begun = new long[keyCount];
        _confirmed = new long[keyCount];
    }

    /// <summary>How many keys there are.</summary>
    public int KeyCount => _begun.Length;

    /// <summary>What a key is called in the cache.</summary>
    public static string KeyOf(int number) => $"item:{number:D5}";

    /// <summary>Notes that a write is about to be sent; it may be seen from now on.</summary>
    /// <returns>Its number, 1 for the first write of a key.</returns>
    public long Begin(int number) => Interlocked.Increment(ref _begun[number]);

    /// <summary>Notes that the master has confirmed a write; on the master it must be seen from now on.</summary>
    public void Confirm(int number, long sequence) => Volatile.Write(ref _confirmed[number], sequence);

    /// <summary>The newest write that may be seen; 0 for none.</summary>
    public long NewestBegun(int number) => Volatile.Read(ref _begun[number]);

    /// <summary>The newest write that the master has confirmed; 0 for none.</summary>
    public long NewestConfirmed(int number) => Volatile.Read(ref _confirmed[number]);
}
