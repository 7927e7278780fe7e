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

        _reads.Count(value is not null);
        return value;
    }

    public bool TryGet(string key, Span<byte> destination, out int bytesWritten)
    {
        while (true)
        {
            switch (_core.Data.Store.TryGet(key, destination, out bytesWritten))
            {
                case ReadOutcome.Hit:
                    _reads.Count(isHit: true);
                    return true;
                case ReadOutcome.Miss:
                    _reads.Count(isHit: false);
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
        _reads.Count(outcome == ReadOutcome.Hit);
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
        while (true)
        {
            if (_core.ForwardsWrites && _callersWrites.Set(key, value, expiration) is { } task)
            {
                return new ValueTask(task.WaitAsync(token));
            }

            if (!_writes.IsOpen)
            {
                return SetWhenWritable(key, value, expiration, token);
            }

            if (TrySet(key, value, expiration))
            {
                return ValueTask.CompletedTask;
            }
        }
    }

    public ValueTask RemoveAsync(string key, CancellationToken token)
    {
        while (true)
        {
            if (_core.ForwardsWrites && _callersWrites.Remove(key) is { } task)
            {
                return new ValueTask(task.WaitAsync(token));
            }

            if (!_writes.IsOpen)
            {
                return RemoveWhenWritable(key, token);
            }

            if (TryRemove(key))
            {
                return ValueTask.CompletedTask;
            }
        }
    }

    public void Set(string key, in ReadOnlySequence<byte> value, in WriteExpiration expiration)
    {
        do
        {
            if (_core.ForwardsWrites && _callersWrites.Set(key, value, expiration) is { } task)
            {
                task.Wait();
                return;
            }

            WaitUntilWritable();
        }
        while (!TrySet(key, value, expiration));
    }

    public void SetMany(IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, in WriteExpiration expiration)
    {
        int written = 0;
        do
        {
            if (_core.ForwardsWrites)
            {
                written += _callersWrites.SetMany(entries, written, expiration);
                if (written == entries.Count)
                {
                    return;
                }
            }

            WaitUntilWritable();
        }
        while (!TrySetMany(entries, ref written, expiration));
    }

    public void Remove(string key)
    {
        do
        {
            if (_core.ForwardsWrites && _callersWrites.Remove(key) is { } task)
            {
                task.Wait();
                return;
            }

            WaitUntilWritable();
        }
        while (!TryRemove(key));
    }

    public void Clear()
    {
        while (true)
        {
            if (_core.ForwardsWrites && _callersWrites.Clear() is { } task)
            {
                task.Wait();
                return;
            }

            WaitUntilWritable();
            lock (_core.Gate)
            {
                if (!_core.ForwardsWrites)
                {
                    _core.Clear();
                    return;
                }
            }
        }
    }

    /// <summary>Writes here.</summary>
    /// <returns>False, with nothing written, if this node became a replica that forwards writes since it was asked.</returns>
    private bool TrySet(string key, in ReadOnlySequence<byte> value, in WriteExpiration expiration)
    {
        EntryExpiration resolved = DeadlineClock.Resolve(expiration, _time);
        using var buffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        CacheStore store = _core.Data.Store;
        StoreKey storeKey = store.MakeKey(buffer.Bytes);
        store.Prefetch(storeKey);
        lock (_core.Gate)
        {
            if (_core.ForwardsWrites)
            {
                return false;
            }

            _core.Set(_core.KeyFor(store, storeKey), value, resolved);
            return true;
        }
    }

    /// <inheritdoc cref="TrySet"/>
    private bool TryRemove(string key)
    {
        using var buffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        CacheStore store = _core.Data.Store;
        StoreKey storeKey = store.MakeKey(buffer.Bytes);
        store.Prefetch(storeKey);
        lock (_core.Gate)
        {
            if (_core.ForwardsWrites)
            {
                return false;
            }

            _core.Remove(_core.KeyFor(store, storeKey));
            return true;
        }
    }

    /// <summary>Writes here what comes after the first <paramref name="written"/> entries.</summary>
    /// <returns>False if this node became a replica that forwards writes meanwhile; <paramref name="written"/> says how far it got.</returns>
    private bool TrySetMany(IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, ref int written, in WriteExpiration expiration)
    {
        var batch = new WriteBatch(_core, DeadlineClock.Resolve(expiration, _time));
        int before = written;
        try
        {
            foreach ((string key, ReadOnlyMemory<byte> value) in entries.Skip(written))
            {
                batch.Add(key, value);
            }

            batch.Flush();
            return true;
        }
        catch (ReadOnlyReplicaException) when (_core.ForwardsWrites)
        {
            written = before + batch.Written;
            return false;
        }
    }

    private async ValueTask SetWhenWritable(string key, ReadOnlySequence<byte> value, WriteExpiration expiration, CancellationToken token)
    {
        await _writes.WaitAsync(TimeSpan.FromMilliseconds(_core.Settings.RecoveryWriteTimeout), token).ConfigureAwait(false);
        await SetAsync(key, value, expiration, token).ConfigureAwait(false);
    }

    private async ValueTask RemoveWhenWritable(string key, CancellationToken token)
    {
        await _writes.WaitAsync(TimeSpan.FromMilliseconds(_core.Settings.RecoveryWriteTimeout), token).ConfigureAwait(false);
        await RemoveAsync(key, token).ConfigureAwait(false);
    }

    private void WaitUntilWritable()
    {
        if (!_writes.IsOpen)
        {
            _writes.Wait(TimeSpan.FromMilliseconds(_core.Settings.RecoveryWriteTimeout));
        }
    }
}
