using System.Buffers;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Facade;

// Almost everything completes at once: a read touches only memory, and a write waits for nobody but for a master that recovers after its start or, on a
// replica that forwards, for the master's answer and its arrival here. The
// methods are async also where they do not await, so that an error, a cancellation too, arrives in the returned task exactly as from a cache
// that does input and output. There is no thread hop.
#pragma warning disable CS1998 // Async method lacks 'await' operators

/// <content>The asynchronous half of the contract, and the orders to the node.</content>
internal sealed partial class ReplicatedCache
{
    private static readonly PromotionOptions Unconditional = new();

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        token.ThrowIfCancellationRequested();
        return Get(key);
    }

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(destination);
        token.ThrowIfCancellationRequested();
        return TryGet(key, destination);
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(options);
        token.ThrowIfCancellationRequested();
        _tracking.Note(await WriteAsync(key, new ReadOnlySequence<byte>(value), options, token).ConfigureAwait(false));
    }

    public async ValueTask SetAsync(
        string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        token.ThrowIfCancellationRequested();
        _tracking.Note(await WriteAsync(key, value, options, token).ConfigureAwait(false));
    }

    public async Task RefreshAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        token.ThrowIfCancellationRequested();
        Refresh(key);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        token.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        if (CanBeHere(key))
        {
            _tracking.Note(await _node.RemoveAsync(key, token).ConfigureAwait(false));
        }
    }

    public async Task SetManyAsync(
        IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, DistributedCacheEntryOptions options, CancellationToken cancellationToken = default)
    {
        KeyValuePair<string, ReadOnlyMemory<byte>>[] copy = CheckedCopy(entries, options);
        cancellationToken.ThrowIfCancellationRequested();
        _tracking.Note(await _node.SetManyAsync(copy, RequestedExpiration.Of(options, _time), cancellationToken).ConfigureAwait(false));
    }

    public async Task ClearAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        _tracking.Note(await _node.ClearAsync(cancellationToken).ConfigureAwait(false));
    }

    public async Task ReplicateFromAsync(string master, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(master);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfNotAnotherNode(master);
        _node.ReplicateFrom(master);
    }

    public async Task<int> WaitForReplicasAsync(int count, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        CheckWait(count, timeout);
        cancellationToken.ThrowIfCancellationRequested();
        return await _node.WaitForReplicasAsync(count, timeout, cancellationToken).ConfigureAwait(false);
    }

    public async Task SaveSnapshotAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        await _node.SaveSnapshot().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task PromoteAsync(PromotionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        _node.Promote(options ?? Unconditional);
    }

    private ValueTask<WriteResult> WriteAsync(string key, in ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token)
    {
        CheckWrite(key, value.Length);
        return _node.SetAsync(key, value, RequestedExpiration.Of(options, _time), token);
    }
}
