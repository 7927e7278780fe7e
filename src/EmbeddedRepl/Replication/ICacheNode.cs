using System.Buffers;

namespace EmbeddedRepl.Replication;

/// <summary>
/// What the facade and the hosting layer need of a node. The facade has checked arguments, sizes, cancellation and disposal before
/// it calls; the node decides whether its role allows the call. All members may be called from any thread at any time;
/// <see cref="IDisposable.Dispose"/> also while <see cref="Stop"/> runs on another thread, and more than once.
/// </summary>
internal interface ICacheNode : IDisposable
{
    /// <summary>The current role.</summary>
    ReplicationRole Role { get; }

    /// <summary>Whether the node serves complete data: a replica after its first full sync, each node when its snapshot file is loaded, a master without one always.</summary>
    bool IsReady { get; }

    /// <summary>Ends when the node is ready; with a <see cref="NodeStoppedException"/> if it stops before. May be waited for by blocking, too.</summary>
    Task Ready { get; }

    /// <summary>How stale this replica is; null on a master, and if it is not known ever to have been current. Never blocks.</summary>
    TimeSpan? Staleness { get; }

    /// <summary>Whether the staleness is known and at most this; always on a master. Never blocks.</summary>
    bool IsFresherThan(TimeSpan maxStaleness);

    /// <summary>Reads a value and extends a sliding deadline.</summary>
    /// <returns>A fresh array that belongs to the caller, or null on a miss.</returns>
    byte[]? Get(string key);

    /// <summary>Copies a value into the caller's buffer and extends a sliding deadline. Leaves the buffer alone on a miss.</summary>
    /// <exception cref="ArgumentException">The value does not fit; names the parameter <c>destination</c>.</exception>
    bool TryGet(string key, Span<byte> destination, out int bytesWritten);

    /// <summary>Appends a value to the caller's writer and extends a sliding deadline. Writes nothing on a miss.</summary>
    bool TryGet(string key, IBufferWriter<byte> destination);

    /// <summary>Reads a value and its version, and extends a sliding deadline.</summary>
    /// <returns>A copy that belongs to the caller, or null on a miss.</returns>
    CacheEntry? GetEntry(string key);

    /// <summary>Extends a sliding deadline; never refused, never waits. No effect on a missing entry or one without sliding expiration.</summary>
    void Refresh(string key);

    /// <summary>
    /// Walks over the keys that begin with a prefix, some at a time; nothing is held between two steps, and no read is counted. A key that is there all the time comes once, one that has expired does
    /// not. When the data is cleared or swapped under way, the walk begins anew with the new data.
    /// </summary>
    IEnumerable<IReadOnlyList<string>> EnumerateKeys(string prefix);

    /// <summary>Begins to gather the changes of the data that this node serves, for one reader.</summary>
    /// <exception cref="ReplicatedCacheException">There are too many subscriptions already.</exception>
    ICacheSubscription Subscribe(string prefix, int capacity);

    /// <summary>Whether a write on this node goes to its master now.</summary>
    bool ForwardsWrites { get; }

    /// <summary>Refuses what a write on this node would be refused for because of its role, whatever the node holds.</summary>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes.</exception>
    void ThrowIfReadOnly();

    /// <summary>As <see cref="Set"/>, without blocking the caller where it has to wait: on a master that recovers, or on a replica that forwards.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up; a write that was being forwarded may be applied all the same.</exception>
    ValueTask<WriteResult> SetAsync(string key, ReadOnlySequence<byte> value, WriteExpiration expiration, CancellationToken token);

    /// <summary>As <see cref="Remove"/>, without blocking the caller.</summary>
    /// <inheritdoc cref="SetAsync"/>
    ValueTask<WriteResult> RemoveAsync(string key, CancellationToken token);

    /// <summary>As <see cref="SetMany"/>, without blocking the caller.</summary>
    /// <inheritdoc cref="SetAsync"/>
    ValueTask<WriteResult?> SetManyAsync(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, WriteExpiration expiration, CancellationToken token);

    /// <summary>As <see cref="Clear"/>, without blocking the caller.</summary>
    /// <inheritdoc cref="SetAsync"/>
    ValueTask<WriteResult> ClearAsync(CancellationToken token);

    // What every write may throw besides: NodeStoppedException, NotEnoughReplicasException, and ReplicatedCacheException while the snapshot file is being
    // loaded or when there is no memory. Nothing was changed then, except that of SetMany earlier entries may be written. On a replica that forwards:
    // MasterUnreachableException, WriteOutcomeUnknownException, and ReplicatedCacheException for what the master refuses.

    /// <summary>Writes one entry; the value is copied before the call returns.</summary>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes; nothing was changed.</exception>
    /// <exception cref="RecoveringMasterException">This node is a master that is still recovering; nothing was changed.</exception>
    WriteResult Set(string key, in ReadOnlySequence<byte> value, in WriteExpiration expiration);

    /// <summary>Writes entries in their order, one by one; the values are copied before the call returns.</summary>
    /// <returns>What became of the last one; null if there is none.</returns>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes; nothing was changed.</exception>
    /// <exception cref="RecoveringMasterException">This node is a master that is still recovering; nothing was changed.</exception>
    WriteResult? SetMany(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, in WriteExpiration expiration);

    /// <summary>Removes an entry; a missing one changes nothing.</summary>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes; nothing was changed.</exception>
    /// <exception cref="RecoveringMasterException">This node is a master that is still recovering; nothing was changed.</exception>
    WriteResult Remove(string key);

    /// <summary>Removes entries in their order, one by one, some under one hold of the gate.</summary>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica; earlier ones may have been removed.</exception>
    /// <exception cref="RecoveringMasterException">This node is a master that is still recovering; nothing was changed.</exception>
    RemovedMany RemoveMany(IReadOnlyList<string> keys);

    /// <summary>As <see cref="RemoveMany"/>, without blocking the caller.</summary>
    /// <inheritdoc cref="SetAsync"/>
    ValueTask<RemovedMany> RemoveManyAsync(IReadOnlyList<string> keys, CancellationToken token);

    /// <summary>
    /// Waits as a write would, and throws what a write would throw; for who does not know yet whether there is anything to write. What a master holds while it recovers says nothing about that. A replica that
    /// forwards writes goes by what it holds, so there is nothing to wait for.
    /// </summary>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica.</exception>
    /// <exception cref="RecoveringMasterException">This node is a master that is still recovering.</exception>
    void EnsureWritable();

    /// <summary>As <see cref="EnsureWritable"/>, without blocking the caller.</summary>
    /// <inheritdoc cref="EnsureWritable"/>
    ValueTask EnsureWritableAsync(CancellationToken token);

    /// <summary>Removes every entry as one record.</summary>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes; nothing was changed.</exception>
    /// <exception cref="RecoveringMasterException">This node is a master that is still recovering; nothing was changed.</exception>
    WriteResult Clear();

    /// <summary>Writes one entry if it has the version that is expected, in one step on the master.</summary>
    /// <returns>Without a version if it had another one than expected, with nothing changed: this node then has what the master compared with, unless it could not get it in time.</returns>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes; nothing was changed.</exception>
    /// <exception cref="RecoveringMasterException">This node is a master that is still recovering; nothing was changed.</exception>
    ComparedWrite CompareAndSet(string key, ReadOnlyMemory<byte> value, EntryVersion expected, in WriteExpiration expiration);

    /// <summary>As <see cref="CompareAndSet"/>, without blocking the caller.</summary>
    /// <inheritdoc cref="SetAsync"/>
    ValueTask<ComparedWrite> CompareAndSetAsync(string key, ReadOnlyMemory<byte> value, EntryVersion expected, WriteExpiration expiration, CancellationToken token);

    /// <summary>Removes an entry if it has the version that is expected, in one step on the master.</summary>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes; nothing was changed.</exception>
    /// <exception cref="RecoveringMasterException">This node is a master that is still recovering; nothing was changed.</exception>
    WriteResult CompareAndRemove(string key, EntryVersion expected);

    /// <summary>As <see cref="CompareAndRemove"/>, without blocking the caller.</summary>
    /// <inheritdoc cref="SetAsync"/>
    ValueTask<WriteResult> CompareAndRemoveAsync(string key, EntryVersion expected, CancellationToken token);

    /// <summary>
    /// Opens the listeners, loads the snapshot file, then starts the link. Called once. A master that cannot be reached is no error; the link keeps trying.
    /// A node that was never started serves its own store.
    /// </summary>
    /// <exception cref="Exception">
    /// A listener could not be opened, or the snapshot file could not be loaded; the message names the address or path and the reason. Nothing stays open.
    /// </exception>
    void Start();

    /// <summary>Closes the link and the listeners and gives replicas the rest of the stream. The store can be read on afterwards.</summary>
    /// <param name="timeout">For how long to wait at most; then connections are cut.</param>
    void Stop(TimeSpan timeout);

    /// <summary>Follows another node for this run; the order confirms that the own data may be replaced.</summary>
    /// <param name="master">A parsable <c>host:port</c> that is not this node's own.</param>
    void ReplicateFrom(string master);

    /// <summary>Makes this node a master for this run, or refuses it, in one step; a master stays one.</summary>
    /// <exception cref="PromotionRefusedException">The node is not where the options say that it must be.</exception>
    /// <exception cref="ReplicatedCacheException">The node never held complete data and force is not asked for.</exception>
    void Promote(PromotionOptions options);

    /// <summary>Waits, blocking, until replicas have acknowledged all that was written before the call; needs no thread of the pool.</summary>
    /// <returns>How many have.</returns>
    /// <exception cref="NotMasterException">This node is a replica, or became one meanwhile.</exception>
    /// <exception cref="NodeStoppedException">This node was stopped.</exception>
    int WaitForReplicas(int count, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>The same without blocking.</summary>
    Task<int> WaitForReplicasAsync(int count, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Where what this node serves now stands: it covers every read and every completed write that came before the call.</summary>
    StreamPosition Position { get; }

    /// <summary>Waits, blocking, until this node has a position; needs no thread of the pool.</summary>
    /// <returns>Whether it has; false when the time is over, or when it certainly will not get it.</returns>
    /// <exception cref="NodeStoppedException">This node does not have it, and was stopped.</exception>
    bool WaitFor(in StreamPosition position, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>The same without blocking.</summary>
    ValueTask<bool> WaitForAsync(StreamPosition position, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Lets this master replace the data of replicas that would refuse it, for this run.</summary>
    /// <exception cref="ReplicatedCacheException">This node is a replica.</exception>
    void OverrideFullSyncRefusals();

    /// <summary>
    /// Goes on with other options: the settings of the node, its listeners if <see cref="ReplicatedCacheOptions.Listen"/> differs, and its role
    /// if role or master differ. What is the same in both is left as it is now, whatever was ordered meanwhile.
    /// </summary>
    /// <param name="previous">Validated; what was configured until now.</param>
    /// <param name="next">Validated.</param>
    /// <exception cref="Exception">A listener could not be opened, or the node cannot be promoted or is stopped; nothing was changed.</exception>
    void Reconfigure(ReplicatedCacheOptions previous, ReplicatedCacheOptions next);

    /// <summary>Hands every event that happens from now on to the application, in order, on a thread of the node's own. Once; further calls do nothing.</summary>
    /// <param name="deliver">Must not throw; may take its time.</param>
    void DeliverEvents(Action<ReplicationEventArgs> deliver);

    /// <summary>Saves the snapshot file soon.</summary>
    /// <returns>Ends when what was written before the call is in the file, on the disk; or with the reason why it is not.</returns>
    /// <exception cref="ReplicatedCacheException">No directory is configured, or there is nothing to save.</exception>
    Task SaveSnapshot();

    /// <summary>What the store holds and how it has been used; waits for nobody.</summary>
    CacheStatistics GetStatistics();

    /// <summary>Describes the node at this moment, without blocking readers or writers for longer than a copy.</summary>
    ReplicationInfo GetReplicationInfo();
}
