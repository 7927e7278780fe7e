namespace EmbeddedRepl.Facade;

/// <content>The events. Subscribing starts their delivery; unsubscribing works at any time, also after disposal.</content>
internal sealed partial class ReplicatedCache
{
    private readonly ReplicationEventHandlers _handlers;

    public event EventHandler<RoleChangedEventArgs>? RoleChanged
    {
        add
        {
            _handlers.RoleChanged += value;
            DeliverEvents();
        }
        remove => _handlers.RoleChanged -= value;
    }

    public event EventHandler<LinkUpEventArgs>? LinkUp
    {
        add
        {
            _handlers.LinkUp += value;
            DeliverEvents();
        }
        remove => _handlers.LinkUp -= value;
    }

    public event EventHandler<LinkDownEventArgs>? LinkDown
    {
        add
        {
            _handlers.LinkDown += value;
            DeliverEvents();
        }
        remove => _handlers.LinkDown -= value;
    }

    public event EventHandler<ReplicaAttachedEventArgs>? ReplicaAttached
    {
        add
        {
            _handlers.ReplicaAttached += value;
            DeliverEvents();
        }
        remove => _handlers.ReplicaAttached -= value;
    }

    public event EventHandler<ReplicaLeftEventArgs>? ReplicaLeft
    {
        add
        {
            _handlers.ReplicaLeft += value;
            DeliverEvents();
        }
        remove => _handlers.ReplicaLeft -= value;
    }

    private void DeliverEvents()
    {
        ThrowIfDisposed();
        _node.DeliverEvents(_handlers.Raise);
    }
}
