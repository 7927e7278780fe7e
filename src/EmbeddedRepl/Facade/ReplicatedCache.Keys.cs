using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Facade;

/// <content>Several entries, and those that begin with a prefix.</content>
internal sealed partial class ReplicatedCache
{
    private const int MaxSubscriptionCapacity = 1 << 20;

    public byte[]?[] GetMany(IReadOnlyList<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ThrowIfDisposed();

        // The list is the caller's, and could differ when it is looked at a second time.
        string[] copy = [.. keys];
        foreach (string key in copy)
        {
            if (key is null)
            {
                throw new ArgumentNullException(nameof(keys), "One of the keys is null.");
            }
        }

        byte[]?[] values = new byte[]?[copy.Length];
        if (!IsRefusedAsStale())
        {
            for (int i = 0; i < copy.Length; i++)
            {
                values[i] = _limits.Allows(copy[i]) ? _node.Get(copy[i]) : null;
            }
        }

        return values;
    }

    public IEnumerable<string> EnumerateKeys(string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ThrowIfDisposed();
        return KeysOf(prefix);
    }

    public long RemoveByPrefix(string prefix)
    {
        CheckRemoval(prefix);
        _node.EnsureWritable();
        long removed = 0;
        foreach (IReadOnlyList<string> keys in _node.EnumerateKeys(prefix))
        {
            ThrowIfDisposed();
            removed += Noted(_node.RemoveMany(keys));
        }

        return removed;
    }

    public async Task<long> RemoveByPrefixAsync(string prefix, CancellationToken cancellationToken = default)
    {
        CheckRemoval(prefix);
        cancellationToken.ThrowIfCancellationRequested();
        await _node.EnsureWritableAsync(cancellationToken).ConfigureAwait(false);
        long removed = 0;
        foreach (IReadOnlyList<string> keys in _node.EnumerateKeys(prefix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfDisposed();
            removed += Noted(await _node.RemoveManyAsync(keys, cancellationToken).ConfigureAwait(false));
        }

        return removed;
    }

    public ICacheSubscription Subscribe(string prefix = "", int capacity = 1_024)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxSubscriptionCapacity);
        ThrowIfDisposed();
        ICacheSubscription subscription = _node.Subscribe(prefix, capacity);
        if (_disposed)
        {
            // The node may have ended its subscriptions before this one began.
            subscription.Dispose();
            ThrowIfDisposed();
        }

        return subscription;
    }

    private IEnumerable<string> KeysOf(string prefix)
    {
        ThrowIfDisposed();
        if (IsRefusedAsStale())
        {
            yield break;
        }

        foreach (IReadOnlyList<string> keys in _node.EnumerateKeys(prefix))
        {
            ThrowIfDisposed();
            foreach (string key in keys)
            {
                yield return key;
            }
        }

        // Not as if it had come to its end: the data may have been taken away under it.
        ThrowIfDisposed();
    }

    private long Noted(in RemovedMany removals)
    {
        _tracking.Note(removals.Result);
        return removals.Count;
    }

    private void CheckRemoval(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length == 0)
        {
            throw new ArgumentException($"An empty prefix would remove everything; call {nameof(Clear)} for that.", nameof(prefix));
        }

        ThrowIfDisposed();
    }
}
