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

    public bool ForwardsWrites => _core.ForwardsWrites;

    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, WriteExpiration expiration, CancellationToken token)
    {
        if (_core.ForwardsWrites && _callersWrites.Set(key, value, expiration) is { } task)
        {
            return new ValueTask(task.WaitAsync(token));
        }

        if (!_writes.IsOpen)
        {
            return SetWhenWritable(key, value, expiration, token);
        }

        Set(key, value, expiration);
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(string key, CancellationToken token)
    {
        if (_core.ForwardsWrites && _callersWrites.Remove(key) is { } task)
        {
            return new ValueTask(task.WaitAsync(token));
        }

        if (!_writes.IsOpen)
        {
            return RemoveWhenWritable(key, token);
        }

        Remove(key);
        return ValueTask.CompletedTask;
    }

    public void Set(string key, in ReadOnlySequence<byte> value, in WriteExpiration expiration)
    {
        if (_core.ForwardsWrites && _callersWrites.Set(key, value, expiration) is { } task)
        {
            task.Wait();
            return;
        }

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
        IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> local = entries;
        if (_core.ForwardsWrites)
        {
            local = entries.Skip(_callersWrites.SetMany(entries, expiration));
        }

        WaitUntilWritable();
        EntryExpiration resolved = DeadlineClock.Resolve(expiration, _time);
        var batch = new WriteBatch(_core, resolved);
        foreach ((string key, ReadOnlyMemory<byte> value) in local)
        {
            batch.Add(key, value);
        }

        batch.Flush();
    }

    public void Remove(string key)
    {
        if (_core.ForwardsWrites && _callersWrites.Remove(key) is { } task)
        {
            task.Wait();
            return;
        }

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
        if (_core.ForwardsWrites && _callersWrites.Clear() is { } task)
        {
            task.Wait();
            return;
        }

        WaitUntilWritable();
        lock (_core.Gate)
        {
            _core.Clear();
        }
    }

    private async ValueTask SetWhenWritable(string key, ReadOnlySequence<byte> value, WriteExpiration expiration, CancellationToken token)
    {
        await _writes.WaitAsync(TimeSpan.FromMilliseconds(_core.Settings.RecoveryWriteTimeout), token).ConfigureAwait(false);
        Set(key, value, expiration);
    }

    private async ValueTask RemoveWhenWritable(string key, CancellationToken token)
    {
        await _writes.WaitAsync(TimeSpan.FromMilliseconds(_core.Settings.RecoveryWriteTimeout), token).ConfigureAwait(false);
        Remove(key);
    }

    private void WaitUntilWritable()
    {
        if (!_writes.IsOpen)
        {
            _writes.Wait(TimeSpan.FromMilliseconds(_core.Settings.RecoveryWriteTimeout));
        }
    }
}
