using System.Buffers;

namespace EmbeddedRepl.Replication;

/// <content>Writes of entries: here on a master, by the master on a replica that forwards them. The role may change between one look and the next, so each tries until one fits.</content>
internal sealed partial class ReplicatedNode
{
    public bool ForwardsWrites => _core.ForwardsWrites;

    public void ThrowIfReadOnly()
    {
        lock (_core.Gate)
        {
            _core.ThrowIfReadOnly();
        }
    }

    public WriteResult Set(string key, in ReadOnlySequence<byte> value, in WriteExpiration expiration) => Write(new SetWrite(key, value, expiration));

    public ValueTask<WriteResult> SetAsync(string key, ReadOnlySequence<byte> value, WriteExpiration expiration, CancellationToken token) =>
        WriteAsync(new SetWrite(key, value, expiration), token);

    public WriteResult Remove(string key) => Write(new RemoveWrite(key));

    public ValueTask<WriteResult> RemoveAsync(string key, CancellationToken token) => WriteAsync(new RemoveWrite(key), token);

    public WriteResult Clear() => Write(default(ClearWrite));

    public ValueTask<WriteResult> ClearAsync(CancellationToken token) => WriteAsync(default(ClearWrite), token);

    public WriteResult? SetMany(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, in WriteExpiration expiration)
    {
        var sets = new ManySets(entries, expiration);
        WriteAll(sets);
        return sets.Result;
    }

    public async ValueTask<WriteResult?> SetManyAsync(
        IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, WriteExpiration expiration, CancellationToken token)
    {
        var sets = new ManySets(entries, expiration);
        await WriteAllAsync(sets, token).ConfigureAwait(false);
        return sets.Result;
    }

    public void EnsureWritable()
    {
        if (!_core.ForwardsWrites)
        {
            WaitUntilWritable();
            AskCore();
        }
    }

    public async ValueTask EnsureWritableAsync(CancellationToken token)
    {
        if (!_core.ForwardsWrites)
        {
            await _writes.WaitAsync(RecoveryPatience, token).ConfigureAwait(false);
            AskCore();
        }
    }

    private TimeSpan RecoveryPatience => TimeSpan.FromMilliseconds(_core.Settings.RecoveryWriteTimeout);

    private WriteResult Write<TWrite>(in TWrite write)
        where TWrite : struct, INodeWrite
    {
        while (true)
        {
            if (_core.ForwardsWrites && write.Forward(_callersWrites) is { } task)
            {
                return task.Wait();
            }

            WaitUntilWritable();
            if (write.TryHere(_core, _time, out WriteResult result))
            {
                return result;
            }
        }
    }

    private ValueTask<WriteResult> WriteAsync<TWrite>(in TWrite write, CancellationToken token)
        where TWrite : struct, INodeWrite
    {
        while (true)
        {
            if (_core.ForwardsWrites && write.Forward(_callersWrites) is { } task)
            {
                return new ValueTask<WriteResult>(task.WaitAsync(token));
            }

            if (!_writes.IsOpen)
            {
                return WriteWhenWritable(write, token);
            }

            if (write.TryHere(_core, _time, out WriteResult result))
            {
                return new ValueTask<WriteResult>(result);
            }
        }
    }

    private async ValueTask<WriteResult> WriteWhenWritable<TWrite>(TWrite write, CancellationToken token)
        where TWrite : struct, INodeWrite
    {
        await _writes.WaitAsync(RecoveryPatience, token).ConfigureAwait(false);
        return await WriteAsync(write, token).ConfigureAwait(false);
    }

    private void WriteAll(INodeBatch batch)
    {
        while (!batch.IsDone)
        {
            if (_core.ForwardsWrites && batch.ForwardNext(_callersWrites) is { } task)
            {
                batch.Confirm(task.Wait());
                continue;
            }

            WaitUntilWritable();
            batch.WriteHere(_core, _time);
        }
    }

    private async ValueTask WriteAllAsync(INodeBatch batch, CancellationToken token)
    {
        while (!batch.IsDone)
        {
            if (_core.ForwardsWrites && batch.ForwardNext(_callersWrites) is { } task)
            {
                batch.Confirm(await task.WaitAsync(token).ConfigureAwait(false));
                continue;
            }

            await _writes.WaitAsync(RecoveryPatience, token).ConfigureAwait(false);
            batch.WriteHere(_core, _time);
        }
    }

    private void AskCore()
    {
        lock (_core.Gate)
        {
            if (!_core.ForwardsWrites)
            {
                _core.EnsureWritable();
            }
        }
    }

    private void WaitUntilWritable()
    {
        if (!_writes.IsOpen)
        {
            _writes.Wait(RecoveryPatience);
        }
    }
}
