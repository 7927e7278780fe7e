using EmbeddedRepl.Replication;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Facade;

/// <content>Entries with their versions.</content>
internal sealed partial class ReplicatedCache
{
    public CacheEntry? GetEntry(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        return IsRefusedAsStale() || !_limits.Allows(key) ? null : _node.GetEntry(key);
    }

    public EntryVersion? CompareAndSet(string key, ReadOnlyMemory<byte> value, EntryVersion expected, DistributedCacheEntryOptions options)
    {
        CheckComparison(key, value, options);
        return Noted(_node.CompareAndSet(key, value, expected, RequestedExpiration.Of(options, _time)));
    }

    public async Task<EntryVersion?> CompareAndSetAsync(
        string key, ReadOnlyMemory<byte> value, EntryVersion expected, DistributedCacheEntryOptions options, CancellationToken cancellationToken = default)
    {
        CheckComparison(key, value, options);
        cancellationToken.ThrowIfCancellationRequested();
        return Noted(await _node.CompareAndSetAsync(key, value, expected, RequestedExpiration.Of(options, _time), cancellationToken).ConfigureAwait(false));
    }

    public bool CompareAndRemove(string key, EntryVersion expected)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        return CanBeHere(key) ? Noted(_node.CompareAndRemove(key, expected)) : expected.IsNone;
    }

    public async Task<bool> CompareAndRemoveAsync(string key, EntryVersion expected, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        return CanBeHere(key) ? Noted(await _node.CompareAndRemoveAsync(key, expected, cancellationToken).ConfigureAwait(false)) : expected.IsNone;
    }

    private EntryVersion? Noted(in ComparedWrite write)
    {
        _tracking.Note(write.Result);
        return write.Version;
    }

    private bool Noted(in WriteResult result)
    {
        _tracking.Note(result);
        return !result.IsConflict;
    }

    private void CheckComparison(string key, ReadOnlyMemory<byte> value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        CheckWrite(key, value.Length);
    }
}
