using System.Buffers;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <content>Reads and writes of entries.</content>
internal sealed partial class ReplicatedNode
{
    public byte[]? Get(string key)
    {
        byte[]? value;
        while (_core.Data.Store.Get(key, out value) == ReadOutcome.Retired)
        {
            // The data set was swapped while it was read: the new one answers.
        }

        return value;
    }

    public bool TryGet(string key, Span<byte> destination, out int bytesWritten)
    {
        while (true)
        {
            switch (_core.Data.Store.TryGet(key, destination, out bytesWritten))
            {
                case ReadOutcome.Hit:
                    return true;
                case ReadOutcome.Miss:
                    return false;
                case ReadOutcome.DestinationTooSmall:
                    throw new ArgumentException("The value does not fit into the destination.", nameof(destination));
                default:
                    continue;
            }
        }
    }

    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        ReadOutcome outcome;
        do
        {
            outcome = _core.Data.Store.TryGet(key, destination);
        }
        while (outcome == ReadOutcome.Retired);
        return outcome == ReadOutcome.Hit;
    }

    public void Refresh(string key)
    {
        while (_core.Data.Store.Touch(key) == ReadOutcome.Retired)
        {
        }
    }

    public ValueTask WaitUntilWritableAsync(CancellationToken token) =>
        _writes.WaitAsync(TimeSpan.FromMilliseconds(_core.Settings.RecoveryWriteTimeout), token);

    public void Set(string key, in ReadOnlySequence<byte> value, in WriteExpiration expiration)
    {
        WaitUntilWritable();
        EntryExpiration resolved = DeadlineClock.Resolve(expiration, _time);
        using var buffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        CacheStore store = _core.Data.Store;
        StoreKey storeKey = store.MakeKey(buffer.Bytes);
        store.Prefetch(storeKey);
        lock (_core.Gate)
        {
            _core.Set(_core.KeyFor(store, storeKey), value, resolved);
        }
    }

    public void SetMany(IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, in WriteExpiration expiration)
    {
        WaitUntilWritable();
        EntryExpiration resolved = DeadlineClock.Resolve(expiration, _time);
        var batch = new WriteBatch(_core, resolved);
        foreach ((string key, ReadOnlyMemory<byte> value) in entries)
        {
            batch.Add(key, value);
        }

        batch.Flush();
    }

    public void Remove(string key)
    {
        WaitUntilWritable();
        using var buffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        CacheStore store = _core.Data.Store;
        StoreKey storeKey = store.MakeKey(buffer.Bytes);
        store.Prefetch(storeKey);
        lock (_core.Gate)
        {
            _core.Remove(_core.KeyFor(store, storeKey));
        }
    }

    public void Clear()
    {
        WaitUntilWritable();
        lock (_core.Gate)
        {
            _core.Clear();
        }
    }

    private void WaitUntilWritable()
    {
        if (!_writes.IsOpen)
        {
            _writes.Wait(TimeSpan.FromMilliseconds(_core.Settings.RecoveryWriteTimeout));
        }
    }
}
