using EmbeddedRepl.Replication.Changes;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <content>Subscriptions to changes.</content>
internal sealed partial class ReplicatedNode
{
    public ICacheSubscription Subscribe(string prefix, int capacity)
    {
        var ring = new ChangeRing(new KeyPrefix(prefix), capacity);
        lock (_core.Gate)
        {
            _core.Subscribe(ring);
        }

        return new ChangeSubscription(ring, Unsubscribe);
    }

    private void Unsubscribe(ChangeRing ring)
    {
        lock (_core.Gate)
        {
            _core.Unsubscribe(ring);
        }
    }
}
