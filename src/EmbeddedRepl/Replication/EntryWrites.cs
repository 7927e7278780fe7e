using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>What every write of one entry does here: whatever takes time comes before the gate, and the role is asked under it.</summary>
internal static class EntryWrites
{
    /// <inheritdoc cref="INodeWrite.TryHere"/>
    public static bool TryHere<TWrite>(in TWrite write, NodeCore core, TimeProvider time, out WriteResult result)
        where TWrite : struct, IEntryWrite
    {
        using var buffer = new KeyBuffer(write.Key, stackalloc byte[KeyBuffer.StackSize]);
        CacheStore store = core.Data.Store;
        StoreKey key = store.MakeKey(buffer.Bytes);
        store.Prefetch(key, write.ValueLength);
        EntryExpiration expiration = DeadlineClock.Resolve(write.Expiration, time);
        using var hold = new SendingHold(core);
        if (core.ForwardsWrites)
        {
            result = default;
            return false;
        }

        result = write.Apply(core, core.KeyFor(store, key), expiration);
        return true;
    }
}
