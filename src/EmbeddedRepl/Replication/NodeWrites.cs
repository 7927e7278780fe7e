using System.Buffers;
using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>Sets an entry.</summary>
internal readonly struct SetWrite(string key, ReadOnlySequence<byte> value, WriteExpiration expiration) : INodeWrite
{
    public ForwardTask? Forward(CallersWrites writes) => writes.Set(key, value, expiration);

    public bool TryHere(NodeCore core, TimeProvider time, out WriteResult result)
    {
        EntryExpiration resolved = DeadlineClock.Resolve(expiration, time);
        using var buffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        CacheStore store = core.Data.Store;
        StoreKey storeKey = store.MakeKey(buffer.Bytes);
        store.Prefetch(storeKey);
        lock (core.Gate)
        {
            if (core.ForwardsWrites)
            {
                result = default;
                return false;
            }

            core.Set(core.KeyFor(store, storeKey), value, resolved);
            result = core.Written(hasChanged: true);
            return true;
        }
    }
}

/// <summary>Removes an entry.</summary>
internal readonly struct RemoveWrite(string key) : INodeWrite
{
    public ForwardTask? Forward(CallersWrites writes) => writes.Remove(key);

    public bool TryHere(NodeCore core, TimeProvider time, out WriteResult result)
    {
        using var buffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        CacheStore store = core.Data.Store;
        StoreKey storeKey = store.MakeKey(buffer.Bytes);
        store.Prefetch(storeKey);
        lock (core.Gate)
        {
            if (core.ForwardsWrites)
            {
                result = default;
                return false;
            }

            result = core.Written(core.Remove(core.KeyFor(store, storeKey)));
            return true;
        }
    }
}

/// <summary>Removes every entry.</summary>
internal readonly struct ClearWrite : INodeWrite
{
    public ForwardTask? Forward(CallersWrites writes) => writes.Clear();

    public bool TryHere(NodeCore core, TimeProvider time, out WriteResult result)
    {
        lock (core.Gate)
        {
            if (core.ForwardsWrites)
            {
                result = default;
                return false;
            }

            core.Clear();
            result = core.Written(hasChanged: true);
            return true;
        }
    }
}
