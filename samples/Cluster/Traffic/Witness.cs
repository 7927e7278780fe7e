using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>
/// Judges what one node answers. A node shows some moment of the master's history and never goes back: that is to say, every
/// value was written, none is older than one that this node has shown before, and the master shows what it has confirmed.
/// May be used from any thread.
/// </summary>
internal sealed class Witness
{
    private readonly Ledger _ledger;
    private readonly bool _isMaster;
    private readonly string _nodeName;
    private readonly long[] _seen;

    /// <summary>Creates the witness of a node.</summary>
    public Witness(Node node, Ledger ledger)
    {
        _ledger = ledger;
        _isMaster = node.IsMaster;
        _nodeName = node.Name;
        _seen = new long[ledger.Capacity];
    }

    /// <summary>The oldest write that a read that starts now may show; 0 if it may as well find nothing.</summary>
    public long OldestAllowed(int number)
    {
        // Traffic starts when the first items are on all nodes, so no node may miss one of these, not even before it showed it.
        long known = _isMaster ? _ledger.NewestConfirmed(number) : number < _ledger.InitialCount ? 1 : 0;
        return Math.Max(known, Volatile.Read(ref _seen[number]));
    }

    /// <summary>Judges the answer to a read.</summary>
    /// <param name="number">The item.</param>
    /// <param name="value">The answer; null for a miss.</param>
    /// <param name="oldestAllowed">What <see cref="OldestAllowed"/> said before the read was sent.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Judge(int number, byte[]? value, long oldestAllowed)
    {
        string key = Ledger.KeyOf(number);
        if (value is null)
        {
            return oldestAllowed == 0 ? null : $"{_nodeName} misses {key}, of which it should have write {oldestAllowed} or a later one";
        }

        if (!Payload.TryRead(key, value, out long sequence) || sequence > _ledger.NewestBegun(number))
        {
            return $"{_nodeName} has a value of {key} that was never written";
        }

        if (sequence < oldestAllowed)
        {
            return $"{_nodeName} went back to write {sequence} of {key} after it had shown write {oldestAllowed}";
        }

        Remember(number, sequence);
        return null;
    }

    private void Remember(int number, long sequence)
    {
        long seen = Volatile.Read(ref _seen[number]);
        while (seen < sequence)
        {
            long found = Interlocked.CompareExchange(ref _seen[number], sequence, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }
}
