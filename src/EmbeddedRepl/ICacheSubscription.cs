namespace EmbeddedRepl;

/// <summary>
/// The changes of a node from the call of <see cref="IReplicatedCache.Subscribe"/> on, for one reader at a time: <c>await foreach</c> reads them in the order in which the node applied them. Disposing
/// of it may happen on any thread, and more than once; it never waits.
/// </summary>
/// <remarks>
/// The enumeration ends, without an exception, when the subscription or the cache is disposed of; what waits then is not delivered. Leaving the loop does not end the subscription: another loop goes on
/// where the last one stopped. A subscription that nobody holds any more, and nobody reads, is ended by the garbage collector some time later; until then it counts against the limit and gathers
/// changes up to its capacity, so dispose of it.
/// </remarks>
public interface ICacheSubscription : IAsyncEnumerable<CacheChange>, IAsyncDisposable, IDisposable
{
    /// <summary>Begins to read.</summary>
    /// <param name="cancellationToken">Ends the wait for a change with an <see cref="OperationCanceledException"/>; no change is lost.</param>
    /// <returns>The changes. Moving on throws <see cref="InvalidOperationException"/> while somebody else waits for the next change of this subscription.</returns>
    new IAsyncEnumerator<CacheChange> GetAsyncEnumerator(CancellationToken cancellationToken = default);
}
