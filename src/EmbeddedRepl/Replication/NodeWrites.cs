using System.Buffers;
using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>Sets an entry.</summary>
internal readonly struct SetWrite(string key, ReadOnlySequence<byte> value, WriteExpiration expiration) : IEntryWrite
{
    public string Key => key;

    public long ValueLength => value.Length;

    public WriteExpiration Expiration => expiration;

    public ForwardTask? Forward(CallersWrites writes) => writes.Set(key, value, expiration);

    public bool TryHere(NodeCore core, TimeProvider time, out WriteResult result) => EntryWrites.TryHere(this, core, time, out result);

    public WriteResult Apply(NodeCore core, in StoreKey storeKey, in EntryExpiration resolved)
    {
        core.Set(storeKey, value, resolved);
        return core.Written(hasChanged: true);
    }
}

/// <summary>Removes an entry.</summary>
internal readonly struct RemoveWrite(string key) : IEntryWrite
{
    public string Key => key;

    public long ValueLength => 0;

    public WriteExpiration Expiration => default;

    public ForwardTask? Forward(CallersWrites writes) => writes.Remove(key);

    public bool TryHere(NodeCore core, TimeProvider time, out WriteResult result) => EntryWrites.TryHere(this, core, time, out result);

    public WriteResult Apply(NodeCore core, in StoreKey storeKey, in EntryExpiration resolved) => core.Written(core.Remove(storeKey));
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
