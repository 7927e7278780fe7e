using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl;

/// <content>More ways to read and write entries. They go through the same stream as <c>Set</c> and <c>Remove</c>, and work on every node that may write.</content>
public partial interface IReplicatedCache
{
    /// <summary>As <c>Get</c>, with the version of the entry: it counts as a read, and keeps a sliding entry alive.</summary>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <returns>A copy of the value and its version, or null if there is no entry.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="StaleReplicaException">This replica is too stale, and <see cref="ReplicatedCacheOptions.StaleReads"/> says that reads throw then.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    CacheEntry? GetEntry(string key);

    /// <summary>
    /// Writes an entry if it still has the version that the caller has read. The master compares and writes in one step, whichever node is called; so of several callers that
    /// have read the same version exactly one succeeds.
    /// </summary>
    /// <remarks>
    /// After null read again, decide again, try again. On a replica that forwards writes the call returns null only when this node has what the master compared with, so that reading here
    /// shows it; unless the node cannot get it within <see cref="ReplicatedCacheOptions.ForwardTimeout"/>.
    /// </remarks>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <param name="value">The new value; copied before the call returns.</param>
    /// <param name="expected">The version that the entry must have; <see cref="EntryVersion.None"/> to write only if there is no entry. One that has expired counts as none.</param>
    /// <param name="options">The expiration; that of the entry before plays no part.</param>
    /// <returns>The version that the entry has now; null if it had another one than expected, and nothing was written.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> or <paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiration is in the past, or the key or the value is larger than its limit.</exception>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes. Nothing was written.</exception>
    /// <exception cref="MasterUnreachableException">This replica could not send the write to its master. Nothing was written.</exception>
    /// <exception cref="WriteOutcomeUnknownException">The write was sent to the master, and this replica does not know, or cannot show, what became of it. Read the entry to find out.</exception>
    /// <exception cref="RecoveringMasterException">This master is still recovering after its start and did not finish within <c>RecoveryWriteTimeout</c>. Nothing was written.</exception>
    /// <exception cref="NotEnoughReplicasException">Too few replicas follow the master closely. Nothing was written.</exception>
    /// <exception cref="NodeStoppedException">The node is stopping. Nothing was written.</exception>
    /// <exception cref="CacheFullException">The entry is too large for <see cref="ReplicatedCacheOptions.MemoryLimit"/>. Nothing was written.</exception>
    /// <exception cref="ReplicatedCacheException">
    /// The node is still loading its snapshot file or has no memory, or the master refuses the write for a reason that the message tells, such as a version that does not know
    /// comparisons. Nothing was written.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    EntryVersion? CompareAndSet(string key, ReadOnlyMemory<byte> value, EntryVersion expected, DistributedCacheEntryOptions options);

    /// <summary>As <see cref="CompareAndSet"/>, without blocking a thread where it has to wait: on a replica that forwards writes, or on a master that recovers.</summary>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <param name="value">The new value; must not change before the call is over.</param>
    /// <param name="expected">The version that the entry must have; <see cref="EntryVersion.None"/> to write only if there is no entry.</param>
    /// <param name="options">The expiration; that of the entry before plays no part.</param>
    /// <param name="cancellationToken">Ends the call; what is being forwarded may be written all the same.</param>
    /// <returns>The version that the entry has now; null if it had another one than expected, and nothing was written.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <inheritdoc cref="CompareAndSet"/>
    Task<EntryVersion?> CompareAndSetAsync(
        string key, ReadOnlyMemory<byte> value, EntryVersion expected, DistributedCacheEntryOptions options, CancellationToken cancellationToken = default);

    /// <summary>Removes an entry if it still has the version that the caller has read; compared and removed in one step, as by <see cref="CompareAndSet"/>.</summary>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <param name="expected">The version that the entry must have; with <see cref="EntryVersion.None"/> the call only tells whether there is none.</param>
    /// <returns>Whether it had that version, and is gone; false if it had another one, or none, and nothing was removed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes. Nothing was removed.</exception>
    /// <exception cref="MasterUnreachableException">This replica could not send the removal to its master. Nothing was removed.</exception>
    /// <exception cref="WriteOutcomeUnknownException">The removal was sent to the master, and this replica does not know, or cannot show, what became of it.</exception>
    /// <exception cref="RecoveringMasterException">This master is still recovering after its start and did not finish within <c>RecoveryWriteTimeout</c>. Nothing was removed.</exception>
    /// <exception cref="NotEnoughReplicasException">Too few replicas follow the master closely. Nothing was removed.</exception>
    /// <exception cref="NodeStoppedException">The node is stopping. Nothing was removed.</exception>
    /// <exception cref="ReplicatedCacheException">The node is still loading its snapshot file, or the master refuses the removal for a reason that the message tells. Nothing was removed.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    bool CompareAndRemove(string key, EntryVersion expected);

    /// <summary>As <see cref="CompareAndRemove"/>, without blocking a thread where it has to wait: on a replica that forwards writes, or on a master that recovers.</summary>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <param name="expected">The version that the entry must have.</param>
    /// <param name="cancellationToken">Ends the call; what is being forwarded may be done all the same.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <inheritdoc cref="CompareAndRemove"/>
    Task<bool> CompareAndRemoveAsync(string key, EntryVersion expected, CancellationToken cancellationToken = default);
}
