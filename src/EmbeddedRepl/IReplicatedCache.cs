using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl;

/// <summary>
/// A cache that lives in this process and is kept identical in its peers by replication.
/// All members may be called from any thread at any time.
/// </summary>
/// <remarks>
/// <para>What <see cref="IDistributedCache"/> and <see cref="IBufferDistributedCache"/> declare behaves as Microsoft's own caches do, and besides:
/// every member throws <see cref="ObjectDisposedException"/> after disposal. <c>Set</c> and <c>Remove</c> throw what <see cref="SetMany"/> does, having
/// changed nothing, except that after a <see cref="WriteOutcomeUnknownException"/> the write may have been made; they copy the value before they return. Reads and <c>Refresh</c> are answered by every node in
/// every state, from what it has, unless <see cref="ReplicatedCacheOptions.StaleReads"/> says that reads on a replica beyond <see cref="ReplicatedCacheOptions.MaxStaleness"/> miss or throw a <see cref="StaleReplicaException"/>;
/// a key longer than <see cref="ReplicatedCacheOptions.MaxKeySize"/> is a miss.</para>
/// <para>Events are raised one at a time and in the order in which things happened, on a thread that belongs to the cache; each once. What
/// happened before the first handler of any event was added is not told. A handler may call the cache, also to change the role or to dispose of it.</para>
/// <para>A handler that throws is logged. A handler that blocks holds up later events, and nothing else: 1,024 of them wait; beyond that the
/// oldest are left out, with a warning in the log and a gap in <see cref="ReplicationEventArgs.SequenceNumber"/>. Disposing of the cache waits
/// for handlers for up to a second. Handlers can be removed at any time; adding one after disposal is an <see cref="ObjectDisposedException"/>.</para>
/// </remarks>
public partial interface IReplicatedCache : IBufferDistributedCache
{
    /// <summary>This node became a master or a replica. Not raised for the role that it starts with, nor when a replica follows another master.</summary>
    event EventHandler<RoleChangedEventArgs>? RoleChanged;

    /// <summary>This replica has synced with its master and follows every change.</summary>
    event EventHandler<LinkUpEventArgs>? LinkUp;

    /// <summary>A link that was up has ended, for whatever reason. Follows a <see cref="LinkUp"/>; failed attempts to connect are no event.</summary>
    event EventHandler<LinkDownEventArgs>? LinkDown;

    /// <summary>A replica of this node has synced and follows every change.</summary>
    event EventHandler<ReplicaAttachedEventArgs>? ReplicaAttached;

    /// <summary>A replica of this node that was attached is gone.</summary>
    event EventHandler<ReplicaLeftEventArgs>? ReplicaLeft;

    /// <summary>The current role of this node.</summary>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    ReplicationRole Role { get; }

    /// <summary>
    /// Whether this node serves complete data. A replica is ready after its first full sync, or when it has loaded its snapshot file, and stays so while its link is down. A master
    /// is ready from the start (when its snapshot file is loaded), also while it recovers: it serves reads, and a probe that hid it would hide it from the replicas that have its data.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    bool IsReady { get; }

    /// <summary>
    /// How long ago this replica is known to have had everything that its master had; what the master was told before that is there. Null on a master, and on a replica that is not
    /// known ever to have been current: before its first sync, right after a full sync from another master, after a start from its file until the link is up.
    /// </summary>
    /// <remarks>
    /// A replica learns that it is current by a heartbeat, so on a link that works this grows up to the master's <c>HeartbeatInterval</c> and starts again. In a chain it is about the
    /// node that this one follows. It never blocks.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    TimeSpan? Staleness { get; }

    /// <summary>Whether what this node serves is at most so stale: always on a master, never if <see cref="Staleness"/> is not known. To be asked before a read that needs it; it never blocks.</summary>
    /// <param name="maxStaleness">How stale it may be; not negative.</param>
    /// <returns>Whether it is.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxStaleness"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    bool IsFresherThan(TimeSpan maxStaleness);

    /// <summary>Waits until this node is ready, see <see cref="IsReady"/>; not longer if it is.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when the node is ready.</returns>
    /// <exception cref="NodeStoppedException">The node was stopped, or the cache disposed of, before it was ready.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The cache had been disposed of.</exception>
    Task WaitUntilReadyAsync(CancellationToken cancellationToken = default);

    /// <summary>As <see cref="WaitUntilReadyAsync(CancellationToken)"/>, for a limited time.</summary>
    /// <param name="timeout">For how long to wait at most, by the registered clock; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the node is ready; false when the time is over, which is no error.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative and not infinite.</exception>
    /// <exception cref="NodeStoppedException">The node was stopped, or the cache disposed of, before it was ready.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The cache had been disposed of.</exception>
    Task<bool> WaitUntilReadyAsync(TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>
    /// As <see cref="WaitUntilReadyAsync(TimeSpan, CancellationToken)"/>, blocking the calling thread, by the machine's clock. Works also while every thread of the pool is taken.
    /// </summary>
    /// <inheritdoc cref="WaitUntilReadyAsync(TimeSpan, CancellationToken)"/>
    bool WaitUntilReady(TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Copies the value of <paramref name="key"/> into a buffer of the caller, without allocating if the key has at most 64 characters.</summary>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <param name="destination">Receives the value; unchanged on a miss, undefined beyond <paramref name="bytesWritten"/>.</param>
    /// <param name="bytesWritten">The length of the value, or 0 on a miss.</param>
    /// <returns>Whether there was a value.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// The value does not fit into <paramref name="destination"/>; the message says how long it is. If the length is not known, use the overload with a <see cref="System.Buffers.IBufferWriter{T}"/>.
    /// </exception>
    /// <exception cref="StaleReplicaException">This replica is too stale, and <see cref="ReplicatedCacheOptions.StaleReads"/> says that reads throw then.</exception>
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
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes; if it became one during the call, earlier entries may have been written.</exception>
    /// <exception cref="MasterUnreachableException">This replica could not send entries to its master; earlier ones may have been written.</exception>
    /// <exception cref="WriteOutcomeUnknownException">Entries were sent to the master, and this replica does not know, or cannot show, what became of them; earlier ones were written.</exception>
    /// <exception cref="RecoveringMasterException">This master is still recovering after its start and did not finish within <c>RecoveryWriteTimeout</c>.</exception>
    /// <exception cref="NotEnoughReplicasException">Too few replicas follow closely; if that began during the call, earlier entries may have been written.</exception>
    /// <exception cref="NodeStoppedException">The node is stopping; if that began during the call, earlier entries may have been written.</exception>
    /// <exception cref="CacheFullException">On a master: an entry is too large for <see cref="ReplicatedCacheOptions.MemoryLimit"/>; earlier entries may have been written.</exception>
    /// <exception cref="ReplicatedCacheException">The node is still loading its snapshot file, or has no memory for an entry, or the master refuses for a reason that the message tells; earlier entries may have been written.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    void SetMany(IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, DistributedCacheEntryOptions options);

    /// <summary>As <see cref="SetMany"/>, without blocking a thread where it has to wait: on a replica that forwards writes, or on a master that recovers.</summary>
    /// <param name="entries">Keys and values; the values must not change before the call is over. The last of several equal keys wins.</param>
    /// <param name="options">The expiration of all of them.</param>
    /// <param name="cancellationToken">Ends the call; earlier entries may have been written, and those being forwarded may be written all the same.</param>
    /// <returns>Completes when all are written, and readable on this node.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <inheritdoc cref="SetMany"/>
    Task SetManyAsync(
        IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, DistributedCacheEntryOptions options, CancellationToken cancellationToken = default);

    /// <summary>Removes every entry, on all nodes, as one record of the stream.</summary>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes.</exception>
    /// <exception cref="MasterUnreachableException">This replica could not send the order to its master; nothing was removed.</exception>
    /// <exception cref="WriteOutcomeUnknownException">The order was sent to the master, and this replica does not know, or cannot show, what became of it.</exception>
    /// <exception cref="RecoveringMasterException">This master is still recovering after its start and did not finish within <c>RecoveryWriteTimeout</c>.</exception>
    /// <exception cref="NotEnoughReplicasException">Too few replicas follow closely; nothing was removed.</exception>
    /// <exception cref="NodeStoppedException">The node is stopping; nothing was removed.</exception>
    /// <exception cref="ReplicatedCacheException">The node is still loading its snapshot file; nothing was removed.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    void Clear();

    /// <summary>As <see cref="Clear"/>, without blocking a thread where it has to wait: on a replica that forwards writes, or on a master that recovers.</summary>
    /// <param name="cancellationToken">Ends the call; what is being forwarded may be done all the same.</param>
    /// <returns>Completes when it is done, and readable on this node.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <inheritdoc cref="Clear"/>
    Task ClearAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes this node a replica of another one, for this run ("replicaof"): a master is demoted, a replica changes its master. The node
    /// keeps serving its own data until the new master's has been loaded. Giving this order confirms that the own data may be replaced, and
    /// that of this node's own replicas, as far as it came from here. It stands until the first sync with that address succeeds, however
    /// long that takes, or until another order; <see cref="PromoteAsync"/> takes it back.
    /// </summary>
    /// <param name="master">The node to follow, as <c>host:port</c>; the port is 6390 if left out, IPv6 as <c>[::1]:6390</c>.</param>
    /// <param name="cancellationToken">Checked before the change; once that has begun it is completed.</param>
    /// <returns>Completes when the role has changed; the sync goes on in the background.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="master"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="master"/> is not an address, or is this node.</exception>
    /// <exception cref="NodeStoppedException">The node has been stopped.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled before the change.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    Task ReplicateFromAsync(string master, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes this replica a master, for this run ("replicaof no one"). It goes on from the data that it has, under a new replication id; its
    /// own replicas stay attached. A full sync that is under way is dropped. A master stays one.
    /// </summary>
    /// <param name="options">Conditions, checked in one step with the promotion; null for none.</param>
    /// <param name="cancellationToken">Checked before the change; once that has begun it is completed.</param>
    /// <returns>Completes when this node accepts writes.</returns>
    /// <exception cref="PromotionRefusedException">
    /// The node is not at the offset or of the id that <paramref name="options"/> demand; nothing was changed. A master is refused, too,
    /// unless it is there or was promoted exactly there, so that a call may be repeated.
    /// </exception>
    /// <exception cref="NodeStoppedException">The node has been stopped.</exception>
    /// <exception cref="ReplicatedCacheException">
    /// The node never held complete data and <see cref="PromotionOptions.Force"/> is false, or it is still loading its snapshot file.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled before the change.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    Task PromoteAsync(PromotionOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until <paramref name="count"/> replicas have acknowledged everything that was written before this call, by whomever. Counts the replicas that are attached
    /// to this node itself, not those behind them. Replicas acknowledge as soon as they have applied a change, so this takes about a round trip.
    /// </summary>
    /// <param name="count">How many replicas to wait for; 0 only counts.</param>
    /// <param name="timeout">For how long to wait at most, by the registered clock; <see cref="Timeout.InfiniteTimeSpan"/> for no limit. When it is over, what was reached is returned: that is no error.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many replicas have acknowledged; fewer than <paramref name="count"/> after the time-out, perhaps more otherwise.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative, or <paramref name="timeout"/> is negative and not infinite.</exception>
    /// <exception cref="NotMasterException">This node is a replica, or became one while the caller waited.</exception>
    /// <exception cref="NodeStoppedException">The node was stopped, also while the caller waited.</exception>
    /// <exception cref="ReplicatedCacheException">The cache has not been started yet, or 16,384 callers wait already.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    Task<int> WaitForReplicasAsync(int count, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="WaitForReplicasAsync"/>, blocking the calling thread. Works also while every thread of the pool is taken.</summary>
    /// <inheritdoc cref="WaitForReplicasAsync"/>
    int WaitForReplicas(int count, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lets this master replace the data of replicas that hold another history and therefore refuse a full sync.
    /// Holds for this run. Meant for an operator who has decided that this node's data is the right one; so on a master that is recovering it ends
    /// the recovery, and the master goes on with what it has (see <see cref="ReplicationInfo.RecoveryState"/>); on one that still loads its snapshot file, with what is in
    /// that. What a replica has beyond this node's data is given up, on the same line of history too: where a recovery could not decide, <see cref="ReplicationInfo.RecoveryMessage"/> says
    /// who has most of each line. Not for every start: it would give up what replicas have.
    /// </summary>
    /// <exception cref="ReplicatedCacheException">This node is a replica.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    void OverrideFullSyncRefusals();

    /// <summary>
    /// Saves the snapshot file now. The cache is read and written meanwhile. One save runs at a time: a call joins the running one if that will
    /// contain everything that was written before the call, and otherwise waits, together with other such calls, for one that begins after it.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, not the save.</param>
    /// <returns>Completes when the file is in its place, flushed to the disk.</returns>
    /// <exception cref="ReplicatedCacheException">
    /// <see cref="ReplicatedCacheOptions.SnapshotDirectory"/> is not set, the node holds no complete data yet or was stopped, or the file could not be
    /// written; the message says why. The previous file is as it was.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    Task SaveSnapshotAsync(CancellationToken cancellationToken = default);

    /// <summary>What this node's cache holds, and how often it was read with and without success. Cheap; waits for nobody.</summary>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    CacheStatistics GetStatistics();

    /// <summary>Describes the replication of this node at this moment. Works in every state, also before the start.</summary>
    /// <returns>A copy that does not change. Taking it holds writers up for a moment that grows with the number of replicas and with nothing else.</returns>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    ReplicationInfo GetReplicationInfo();
}
