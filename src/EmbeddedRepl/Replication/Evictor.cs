using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Keeps a master's data set within its limit. The store chooses what goes, this removes it, as records of the stream: replicas never evict. Small bites: a write makes
/// the room that it needs itself, and a bounded surplus as long as the store is over its target; <see cref="Housekeeping"/> does the rest. Called under the gate of a node that accepts writes.
/// </summary>
internal sealed class Evictor(NodeCore node)
{
    /// <summary>What a write evicts beyond its own need, at most, in entries.</summary>
    private const int Surplus = 4;

    /// <summary>What housekeeping evicts under one hold of the gate, in entries.</summary>
    private const int Bite = 256;

    /// <summary>Makes room for one entry.</summary>
    /// <exception cref="CacheFullException">It is too large for the limit; nothing was evicted.</exception>
    public void MakeRoomFor(int keyLength, long valueLength, in EntryExpiration expiration)
    {
        DataSet data = node.Data;
        if (data.Store.MaxBytes == long.MaxValue)
        {
            return;
        }

        int size = CacheStore.EntrySize(keyLength, (int)Math.Min(valueLength, StoreLimits.MaxValueSize), expiration);
        if (!data.Store.CouldHold(size))
        {
            throw new CacheFullException(
                $"An entry of {size} bytes is too large for MemoryLimit ({data.Store.MaxBytes} bytes), even if everything else were evicted. Nothing was changed.");
        }

        EvictOverTarget(data, Surplus);
        while (!data.Store.HasRoomFor(size) && (data.Store.CompactForRoom() || TryEvict(data)))
        {
        }
    }

    /// <summary>Brings the store nearer to its target, for instance after the limit was lowered.</summary>
    /// <returns>Whether there is more to do at once.</returns>
    public bool DoBite()
    {
        EvictOverTarget(node.Data, Bite);
        return node.Data.Store.IsOverTarget;
    }

    private void EvictOverTarget(DataSet data, int most)
    {
        for (int i = 0; i < most && data.Store.IsOverTarget && TryEvict(data); i++)
        {
        }
    }

    private bool TryEvict(DataSet data)
    {
        bool evicted = data.Evict();
        node.Counters.Evictions += evicted ? 1 : 0;
        return evicted;
    }
}
