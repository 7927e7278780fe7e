namespace EmbeddedRepl.Replication;

/// <summary>
/// A hold of the gate in which the stream may become longer, and after which the thread sends that to one replica itself if it can: see <see cref="NodeCore.OfferToSend"/>. It also does when what it did under the
/// gate was refused: something may be in the stream all the same, and an offer that stayed would swallow the next signal.
/// </summary>
internal ref struct SendingHold : IDisposable
{
    private readonly NodeCore _core;
    private Lock.Scope _gate;

    /// <summary>Waits for the gate.</summary>
    public SendingHold(NodeCore core)
    {
        _core = core;
        _gate = core.Gate.EnterScope();
        core.OfferToSend();
    }

    /// <summary>Leaves the gate, and sends.</summary>
    public void Dispose()
    {
        ICallersSender? sender = _core.TakeSender();
        _gate.Dispose();
        sender?.SendHere();
    }
}
