using EmbeddedRepl.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Facade;

/// <summary>Who wants to hear of what. A handler that throws is logged, and the others are called all the same.</summary>
internal sealed class ReplicationEventHandlers(object sender, ILogger logger)
{
    public event EventHandler<RoleChangedEventArgs>? RoleChanged;

    public event EventHandler<LinkUpEventArgs>? LinkUp;

    public event EventHandler<LinkDownEventArgs>? LinkDown;

    public event EventHandler<ReplicaAttachedEventArgs>? ReplicaAttached;

    public event EventHandler<ReplicaLeftEventArgs>? ReplicaLeft;

    /// <summary>Calls the handlers of one event, in the order in which they subscribed.</summary>
    public void Raise(ReplicationEventArgs notice)
    {
        switch (notice)
        {
            case RoleChangedEventArgs args:
                Call(RoleChanged, args);
                break;
            case LinkUpEventArgs args:
                Call(LinkUp, args);
                break;
            case LinkDownEventArgs args:
                Call(LinkDown, args);
                break;
            case ReplicaAttachedEventArgs args:
                Call(ReplicaAttached, args);
                break;
            case ReplicaLeftEventArgs args:
                Call(ReplicaLeft, args);
                break;
        }
    }

    private void Call<T>(EventHandler<T>? handlers, T args)
        where T : ReplicationEventArgs
    {
        foreach (EventHandler<T> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(sender, args);
            }
#pragma warning disable CA1031 // The application's code: whatever it throws, later events and other handlers must not suffer for it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                logger.EventHandlerFailed(exception, typeof(T).Name);
            }
        }
    }
}
