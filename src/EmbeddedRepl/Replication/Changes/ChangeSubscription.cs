namespace EmbeddedRepl.Replication.Changes;

/// <summary>
/// A subscription as its reader holds it. The node knows the ring alone, so that one which nobody holds any more is collected, and ends its ring.
/// </summary>
/// <param name="ring">Where the changes wait.</param>
/// <param name="unsubscribe">Takes the ring out of the node's feed.</param>
internal sealed class ChangeSubscription(ChangeRing ring, Action<ChangeRing> unsubscribe) : ICacheSubscription
{
    ~ChangeSubscription() => ring.End();

    public async IAsyncEnumerator<CacheChange> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (await ring.TakeAsync(cancellationToken).ConfigureAwait(false) is { } change)
        {
            yield return change;
        }

        // A loop over it is somebody who holds it.
        GC.KeepAlive(this);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        ring.End();
        unsubscribe(ring);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
