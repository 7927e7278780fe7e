using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl;

/// <summary>
/// A cache that lives in this process and is kept identical in its peers by replication.
/// All members may be called from any thread at any time.
/// </summary>
public interface IReplicatedCache : IBufferDistributedCache
{
    /// <summary>The current role of this node.</summary>
    ReplicationRole Role { get; }

    /// <summary>Copies the value of <paramref name="key"/> into a buffer of the caller, without allocating if the key has at most 64 characters.</summary>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <param name="destination">Receives the value; unchanged on a miss, undefined beyond <paramref name="bytesWritten"/>.</param>
    /// <param name="bytesWritten">The length of the value, or 0 on a miss.</param>
    /// <returns>Whether there was a value.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException">The value does not fit into <paramref name="destination"/>.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    bool TryGet(string key, Span<byte> destination, out int bytesWritten);

    /// <summary>
    /// Writes several entries in the given order with one expiration. They become visible one by one, in order, not atomically;
    /// it is faster than as many calls of <c>Set</c>.
    /// </summary>
    /// <param name="entries">Keys and values; copied before the call returns. The last of several equal keys wins.</param>
    /// <param name="options">The expiration of all of them.</param>
    /// <exception cref="ArgumentNullException">An argument or a key is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiration is in the past, or a key or value is larger than its limit; nothing was written.</exception>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica; if it became one during the call, earlier entries may have been written.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    void SetMany(IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, DistributedCacheEntryOptions options);

    /// <summary>Removes every entry, on all nodes, as one record of the stream.</summary>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    void Clear();

    /// <summary>
    /// Makes this node a replica of another one, for this run ("replicaof"). The node keeps serving its own data until the
    /// new master's has been loaded. Giving this order confirms that the own data may be replaced.
    /// </summary>
    /// <param name="master">The node to follow, as <c>host:port</c>.</param>
    /// <param name="cancellationToken">Checked before the change; once that has begun it is completed.</param>
    /// <returns>Completes when the role has changed; the sync goes on in the background.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="master"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="master"/> is not an address, or is this node.</exception>
    /// <exception cref="ReplicatedCacheException">The node has been stopped.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled before the change.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    Task ReplicateFromAsync(string master, CancellationToken cancellationToken = default);

    /// <summary>Makes this replica a master, for this run ("replicaof no one"). It goes on from the data that it has. No effect on a master.</summary>
    /// <param name="force">Promotes a node that never completed a sync or a load, too.</param>
    /// <param name="cancellationToken">Checked before the change; once that has begun it is completed.</param>
    /// <exception cref="ReplicatedCacheException">The node never held complete data and <paramref name="force"/> is false.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled before the change.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    Task PromoteAsync(bool force = false, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lets this master replace the data of replicas that hold another history and therefore refuse a full sync.
    /// Holds for this run. Meant for an operator who has decided that this node's data is the right one.
    /// </summary>
    /// <exception cref="ReplicatedCacheException">This node is a replica.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    void OverrideFullSyncRefusals();

    /// <summary>Describes the replication of this node at this moment.</summary>
    ReplicationInfo GetReplicationInfo();
}
