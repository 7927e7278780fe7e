using System.Buffers;
using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>Sets an entry if it has the version that the caller expects: compared and written under one hold of the gate.</summary>
internal readonly struct CompareAndSetWrite(string key, ReadOnlyMemory<byte> value, EntryVersion expected, WriteExpiration expiration) : INodeWrite
{
    public ForwardTask? Forward(CallersWrites writes) => writes.CompareAndSet(key, value, expected, expiration);

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

            result = core.CompareAndSet(core.KeyFor(store, storeKey), expected, new ReadOnlySequence<byte>(value), resolved)
                ? core.Written(hasChanged: true)
                : core.Conflicting();
            return true;
        }
    }
}

/// <summary>Removes an entry if it has the version that the caller expects: compared and removed under one hold of the gate.</summary>
internal readonly struct CompareAndRemoveWrite(string key, EntryVersion expected) : INodeWrite
{
    public ForwardTask? Forward(CallersWrites writes) => writes.CompareAndRemove(key, expected);

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

            result = core.CompareAndRemove(core.KeyFor(store, storeKey), expected) ? core.Written(hasChanged: !expected.IsNone) : core.Conflicting();
            return true;
        }
    }
}
