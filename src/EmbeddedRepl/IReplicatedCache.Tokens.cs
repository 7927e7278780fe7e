namespace EmbeddedRepl;

/// <content>
/// Consistency tokens: a place in the history of the data, which a caller takes along from node to node, to read what it wrote, and never to read anything older than it has read.
/// </content>
/// <remarks>
/// <para>A token is text of 39 characters, letters, digits, <c>-</c> and <c>_</c>, so it fits into a cookie, a header or an address as it is: base64url without padding of one byte, the
/// version of the format (1), then the 20 bytes of a replication id, then the replication offset as 8 bytes, the highest first. Treat it as opaque: compare tokens with nothing, and
/// store them no longer than a client's session lasts.</para>
/// <para>A token is neither secret nor signed. It tells how many bytes of changes there have been. Who makes one up can bring about nothing but a wait, up to the time-out
/// that the service chose; so where tokens come from strangers, choose a short one, and limit the requests of one client as usual.</para>
/// </remarks>
public partial interface IReplicatedCache
{
    /// <summary>
    /// Where what this node serves now stands. Who waits for it elsewhere has there everything that this node had: all that was read here before, and every write that was completed here.
    /// </summary>
    /// <remarks>
    /// Cheap, and never waits for another node. Of a node that holds nothing yet it is a place that every node has. What a replica did not get of a full sync before it was aborted plays no part.
    /// The extensions of sliding entries that reads bring about are not covered: they travel by themselves.
    /// </remarks>
    /// <returns>The token.</returns>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    string GetConsistencyToken();

    /// <summary>
    /// Begins to note where the writes stand that are made through this cache in the present asynchronous flow: in what is called from here, what that awaits and starts, until the
    /// scope is disposed of. Scopes may be nested; what an inner one notes, the outer ones note, too.
    /// </summary>
    /// <remarks>
    /// Works in whatever way a write is made (<c>Set</c>, <c>Remove</c>, <c>SetMany</c>, <c>Clear</c>, a comparison, a removal by prefix, a computed value, blocking or not; of callers who wait for one computation only the one whose flow computes notes it) and on every node that accepts it, also on a replica that forwards it.
    /// The flow is that of <see cref="AsyncLocal{T}"/>: a scope that is opened inside of an async method is not seen by whoever called that method. While no scope is open anywhere, a
    /// write costs the look at one field more.
    /// </remarks>
    /// <returns>The scope; to be disposed of in the flow that opened it.</returns>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    ConsistencyScope TrackWrites();

    /// <summary>
    /// Waits until this node has everything that the token stands for; not at all if it has. What is read here afterwards is what was written or read where the token was taken, or something newer.
    /// </summary>
    /// <remarks>
    /// <para>While a replica loads a full sync, what counts is what it serves meanwhile. A token may be of a history that this node does not know: it then waits for it to become known, as it does after a
    /// failover, when this node hears of its new master. A token of another cache (another <see cref="ReplicatedCacheOptions.CacheName"/>) is never known.</para>
    /// <para>That a node has it now is no promise that it is never lost: a failover can still take it away, as it can take every write away that too few nodes have.</para>
    /// </remarks>
    /// <param name="token">What <see cref="GetConsistencyToken"/> or <see cref="ConsistencyScope.Token"/> returned, on any node of this cache.</param>
    /// <param name="timeout">For how long to wait at most, by the registered clock; <see cref="Timeout.InfiniteTimeSpan"/> for no limit; zero only asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// True when this node has it. False when the time is over, or, earlier, when it is certain that this node will not get it: its history has gone another way before that place, as after a
    /// failover in which the write was lost. Neither is an error.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="token"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="token"/> is no token: damaged, cut off, or of a later version.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative and not infinite.</exception>
    /// <exception cref="NodeStoppedException">The node does not have it and was stopped, also while the caller waited.</exception>
    /// <exception cref="ReplicatedCacheException">The node does not have it, and the cache has not been started yet, or 16,384 callers wait already.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    Task<bool> WaitForAsync(string token, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="WaitForAsync"/>, blocking the calling thread. Works also while every thread of the pool is taken.</summary>
    /// <inheritdoc cref="WaitForAsync"/>
    bool WaitFor(string token, TimeSpan timeout, CancellationToken cancellationToken = default);
}
