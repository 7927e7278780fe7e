using EmbeddedRepl.Replication.Changes;

namespace EmbeddedRepl.Replication;

/// <content>Who wants to hear of changes.</content>
internal sealed partial class NodeCore
{
    private readonly ChangeFeed _changes = new();

    /// <summary>From now on the ring gets the changes of what is served.</summary>
    /// <exception cref="ReplicatedCacheException">There are too many subscriptions.</exception>
    public void Subscribe(ChangeRing ring)
    {
        _changes.Add(ring);
        Data.ChangeFeed = _changes;
    }

    /// <summary>The ring gets nothing any more. Does nothing if it gets nothing already.</summary>
    public void Unsubscribe(ChangeRing ring)
    {
        _changes.Remove(ring);
        Data.ChangeFeed = _changes.IsHeard ? _changes : null;
    }

    /// <summary>Everybody who subscribed comes to the end.</summary>
    public void EndSubscriptions()
    {
        _changes.End();
        Data.ChangeFeed = null;
    }
}
