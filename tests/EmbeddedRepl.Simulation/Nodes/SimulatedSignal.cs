using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>The auto-reset event of a loop that does not exist: setting it before anybody waits is remembered once.</summary>
internal sealed class SimulatedSignal : INodeSignal
{
    private Action? _waiter;
    private bool _isSet;

    public void Set()
    {
        if (_waiter is { } waiter)
        {
            _waiter = null;
            waiter();
        }
        else
        {
            _isSet = true;
        }
    }

    /// <summary>Waits: <paramref name="wake"/> is called at the next set, or at once if one came before.</summary>
    public void Wait(Action wake)
    {
        if (_isSet)
        {
            _isSet = false;
            wake();
        }
        else
        {
            _waiter = wake;
        }
    }

    /// <summary>Ends the waiting because its time is up.</summary>
    /// <returns>Whether anybody waited.</returns>
    public bool StopWaiting()
    {
        bool waited = _waiter is not null;
        _waiter = null;
        return waited;
    }
}
