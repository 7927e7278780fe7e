using System.Buffers;
using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>Sets an entry if it has the version that the caller expects: compared and written under one hold of the gate.</summary>
internal readonly struct CompareAndSetWrite(string key, ReadOnlyMemory<byte> value, EntryVersion expected, WriteExpiration expiration) : IEntryWrite
{
    public string Key => key;

    public long ValueLength => value.Length;

    public WriteExpiration Expiration => expiration;

    public ForwardTask? Forward(CallersWrites writes) => writes.CompareAndSet(key, value, expected, expiration);

    public bool TryHere(NodeCore core, TimeProvider time, out WriteResult result) => EntryWrites.TryHere(this, core, time, out result);

    public WriteResult Apply(NodeCore core, in StoreKey storeKey, in EntryExpiration resolved) =>
        core.CompareAndSet(storeKey, expected, new ReadOnlySequence<byte>(value), resolved) ? core.Written(hasChanged: true) : core.Conflicting();
}

/// <summary>Removes an entry if it has the version that the caller expects: compared and removed under one hold of the gate.</summary>
internal readonly struct CompareAndRemoveWrite(string key, EntryVersion expected) : IEntryWrite
{
    public string Key => key;

    public long ValueLength => 0;

    public WriteExpiration Expiration => default;

    public ForwardTask? Forward(CallersWrites writes) => writes.CompareAndRemove(key, expected);

    public bool TryHere(NodeCore core, TimeProvider time, out WriteResult result) => EntryWrites.TryHere(this, core, time, out result);

    public WriteResult Apply(NodeCore core, in StoreKey storeKey, in EntryExpiration resolved) =>
        core.CompareAndRemove(storeKey, expected) ? core.Written(hasChanged: !expected.IsNone) : core.Conflicting();
}
