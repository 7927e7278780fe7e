using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl;

/// <content>More ways to read and write entries. They go through the same stream as <c>Set</c> and <c>Remove</c>, and work on every node that may write.</content>
public partial interface IReplicatedCache
{
    /// <summary>As <c>Get</c>, with the version of the entry: it counts as a read, and keeps a sliding entry alive.</summary>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <returns>A copy of the value and its version, or null if there is no entry, or if this replica is too stale and <see cref="ReplicatedCacheOptions.StaleReads"/> is <see cref="StaleReadBehavior.Miss"/>.</returns>
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
    /// <exception cref="CacheFullException">On a master: the entry is too large for <see cref="ReplicatedCacheOptions.MemoryLimit"/>. Nothing was written.</exception>
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
    /// <returns>Whether it had that version, and is gone; true, too, if <see cref="EntryVersion.None"/> was expected and there is none. Otherwise false, and nothing was removed.</returns>
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

    /// <summary>As <c>Get</c> for several keys at once; every entry that is found counts as read. They are read one after the other, not as of one moment.</summary>
    /// <param name="keys">Any strings; equal ones are read more than once.</param>
    /// <returns>The values in the order of the keys, each a copy; null where there is no entry, or everywhere if this replica is too stale and <see cref="ReplicatedCacheOptions.StaleReads"/> is <see cref="StaleReadBehavior.Miss"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or one of them is null; nothing was read.</exception>
    /// <exception cref="StaleReplicaException">This replica is too stale, and <see cref="ReplicatedCacheOptions.StaleReads"/> says that reads throw then; asked once, at the beginning.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    byte[]?[] GetMany(IReadOnlyList<string> keys);

    /// <summary>
    /// The keys that this node holds, or those that begin with a prefix, in no order. They are looked for while the caller enumerates, a part of the index at a time; between two keys
    /// nothing is held, so the enumeration may take any time and holds up nobody. It reads no entry: nothing is counted, and no sliding entry is kept alive. Each enumeration begins anew.
    /// </summary>
    /// <remarks>
    /// A key that is there from the first step to the last one comes exactly once, one that has expired does not, and one that is set, removed or expires meanwhile may come or not. If all
    /// entries are removed by <see cref="Clear"/>, or a full sync replaces the data, during the enumeration, it begins anew with the data that is there then, so that nothing of that is left
    /// out: keys that came before may come again. It takes time in proportion to all entries, whatever the prefix.
    /// </remarks>
    /// <param name="prefix">What the keys begin with, compared ordinally; empty for all.</param>
    /// <returns>The keys, as they were given to <c>Set</c>. Its enumerator is for one thread at a time, and need not be disposed of.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="prefix"/> is null.</exception>
    /// <exception cref="StaleReplicaException">
    /// From the first step of the enumeration: this replica is too stale, and <see cref="ReplicatedCacheOptions.StaleReads"/> says that reads throw then. If they miss there are no keys. Not asked again
    /// later.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of; also from any step of the enumeration.</exception>
    IEnumerable<string> EnumerateKeys(string prefix = "");

    /// <summary>
    /// Removes the entries whose keys begin with a prefix, as so many removals in the stream, a few at a time, so that nobody is held up. Not in one step: an entry that is set meanwhile may stay or go. Takes
    /// time in proportion to all entries.
    /// </summary>
    /// <remarks>On a replica that forwards writes this node's keys are looked for, and the master is asked to remove them, in batches; what the replica does not have yet stays.</remarks>
    /// <param name="prefix">What the keys begin with, compared ordinally; not empty.</param>
    /// <returns>How many entries were removed; on a replica how many the master was asked to remove, of which some may have been gone already.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="prefix"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="prefix"/> is empty; <see cref="Clear"/> removes everything, as one record.</exception>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes; if it became one during the call, some may have been removed.</exception>
    /// <exception cref="MasterUnreachableException">This replica could not send a batch to its master; earlier ones were removed.</exception>
    /// <exception cref="WriteOutcomeUnknownException">A batch was sent to the master, and this replica does not know, or cannot show, what became of it; earlier ones were removed.</exception>
    /// <exception cref="RecoveringMasterException">This master is still recovering after its start and did not finish within <c>RecoveryWriteTimeout</c>. Nothing was removed.</exception>
    /// <exception cref="NotEnoughReplicasException">Too few replicas follow the master closely; if that began during the call, some may have been removed.</exception>
    /// <exception cref="NodeStoppedException">The node is stopping; if that began during the call, some may have been removed.</exception>
    /// <exception cref="ReplicatedCacheException">The node is still loading its snapshot file, or the master refuses for a reason that the message tells; some may have been removed.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of; if during the call, some may have been removed.</exception>
    long RemoveByPrefix(string prefix);

    /// <summary>
    /// As <see cref="RemoveByPrefix"/>, without blocking a thread where it has to wait: on a replica that forwards writes, or on a master that recovers. The keys are looked for on the thread that
    /// happens to run it.
    /// </summary>
    /// <param name="prefix">What the keys begin with, compared ordinally; not empty.</param>
    /// <param name="cancellationToken">Ends the call between two batches, or while it waits; earlier ones were removed, and what is being forwarded may be removed all the same.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <inheritdoc cref="RemoveByPrefix"/>
    Task<long> RemoveByPrefixAsync(string prefix, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads an entry, or computes and writes its value if there is none. Of the callers on this node that find no entry at the same time one computes the value, and the others wait for it. Other nodes do the
    /// same for themselves.
    /// </summary>
    /// <remarks>
    /// <para>A value that was computed and cannot be written because of the cluster's state (<see cref="MasterUnreachableException"/>, <see cref="WriteOutcomeUnknownException"/>,
    /// <see cref="NotEnoughReplicasException"/>, <see cref="RecoveringMasterException"/>, <see cref="CacheFullException"/>, and whatever else is a <see cref="ReplicatedCacheException"/>) is returned
    /// all the same, with a warning in the log once a minute at most. The write is waited for before, as long as a write by <c>Set</c> may take.</para>
    /// <para>What the factory throws goes to everybody who waits, nothing is cached, and the next call tries again. The factory runs, up to its first wait, on the thread of the caller that came first, and with that caller's
    /// context. It must not ask for the entry that it computes, nor must several wait for each other in a circle.</para>
    /// <para>A value is written when it is there, whatever happened meanwhile: an entry that others removed or set while the factory ran has the computed value afterwards, which may be older than what they
    /// did. Where that matters, let entries expire soon, or use <see cref="GetEntry"/> and <see cref="CompareAndSetAsync"/>.</para>
    /// </remarks>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <param name="factory">Computes the value; not null. Its token is cancelled when nobody waits for the value any more; what it returns after that is not cached.</param>
    /// <param name="options">The expiration of a value that is written. That of the caller who came first counts; relative ones count from the write on.</param>
    /// <param name="cancellationToken">Ends the wait of this caller, not that of others.</param>
    /// <returns>The value; an array of the caller's own.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/>, <paramref name="factory"/> or <paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiration is in the past, or the key is larger than its limit, or, after the factory was run, the value is.</exception>
    /// <exception cref="InvalidOperationException">The factory returned null.</exception>
    /// <exception cref="ReadOnlyReplicaException">There is no entry, and this node is a replica that does not forward writes; the factory was not run.</exception>
    /// <exception cref="StaleReplicaException">This replica is too stale, and <see cref="ReplicatedCacheOptions.StaleReads"/> says that reads throw then.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    Task<byte[]> GetOrSetAsync(
        string key, Func<CancellationToken, Task<byte[]>> factory, DistributedCacheEntryOptions options, CancellationToken cancellationToken = default);

    /// <summary>As the other overload, with a state for the factory, so that it need not capture anything.</summary>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <param name="state">Handed to the factory.</param>
    /// <param name="factory">Computes the value; not null. Its token is cancelled when nobody waits for the value any more; what it returns after that is not cached.</param>
    /// <param name="options">The expiration of a value that is written. That of the caller who came first counts; relative ones count from the write on.</param>
    /// <param name="cancellationToken">Ends the wait of this caller, not that of others.</param>
    /// <typeparam name="TState">Of the state.</typeparam>
    /// <inheritdoc cref="GetOrSetAsync(string, Func{CancellationToken, Task{byte[]}}, DistributedCacheEntryOptions, CancellationToken)"/>
    Task<byte[]> GetOrSetAsync<TState>(
        string key,
        TState state,
        Func<TState, CancellationToken, Task<byte[]>> factory,
        DistributedCacheEntryOptions options,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// As <see cref="GetOrSetAsync(string, Func{CancellationToken, Task{byte[]}}, DistributedCacheEntryOptions, CancellationToken)"/>, blocking the calling thread; works also while every thread of the pool
    /// is taken. For that reason such calls wait for each other only, not for those of <c>GetOrSetAsync</c>: for one key one factory of each kind may run.
    /// </summary>
    /// <param name="key">Any string; compared ordinally.</param>
    /// <param name="factory">Computes the value, on the thread of the caller that came first; not null.</param>
    /// <param name="options">The expiration of a value that is written. That of the caller who came first counts; relative ones count from the write on.</param>
    /// <returns>The value; an array of the caller's own.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/>, <paramref name="factory"/> or <paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiration is in the past, or the key is larger than its limit, or, after the factory was run, the value is.</exception>
    /// <exception cref="InvalidOperationException">The factory returned null, or asks for the entry that it computes.</exception>
    /// <exception cref="ReadOnlyReplicaException">There is no entry, and this node is a replica that does not forward writes; the factory was not run.</exception>
    /// <exception cref="StaleReplicaException">This replica is too stale, and <see cref="ReplicatedCacheOptions.StaleReads"/> says that reads throw then.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    byte[] GetOrSet(string key, Func<byte[]> factory, DistributedCacheEntryOptions options);

    /// <summary>
    /// Subscribes to the changes of the data that this node serves, from now on: what callers here write, and on a replica what comes down the stream, in the order in which this node applies it. A change is
    /// told when it can be read here. Reads and refreshes are no changes; an expired entry is told as removed when the master takes it out, which may be later than it ceases to be readable.
    /// </summary>
    /// <remarks>Nobody waits for the reader: when more changes wait than there is room for, they are left out, and one <see cref="CacheChangeKind.Gap"/> stands in their place. Each subscription takes a little time of every write.</remarks>
    /// <param name="prefix">What the keys begin with whose changes are wanted, compared ordinally; empty for all. Changes without a key always come.</param>
    /// <param name="capacity">How many changes may wait for the reader: 1 to 1,048,576, by default 1,024. Each takes about 50 bytes and its key. Of keys longer than 256 characters on average there is room for fewer.</param>
    /// <returns>To be read by <c>await foreach</c>, and to be disposed of.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="prefix"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is not in its range.</exception>
    /// <exception cref="ReplicatedCacheException">This cache has 256 subscriptions already.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    ICacheSubscription Subscribe(string prefix = "", int capacity = 1_024);
}
