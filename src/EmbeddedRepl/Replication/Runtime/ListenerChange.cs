using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// From the addresses that a node listens on to others. New ones are opened before anything else happens, since that is what can fail; those
/// that are gone are closed at the end. A failure leaves everything as it was.
/// </summary>
internal sealed class ListenerChange
{
    private readonly NodeRuntime _runtime;
    private readonly List<AcceptLoop> _opened = [];
    private readonly List<AcceptLoop> _kept = [];
    private readonly List<AcceptLoop> _gone = [];
    private readonly HashSet<AcceptLoop> _closedEarly = [];

    private ListenerChange(NodeRuntime runtime, IEnumerable<AcceptLoop> present, IReadOnlyList<string> wanted)
    {
        _runtime = runtime;
        foreach (AcceptLoop listener in present)
        {
            (wanted.Contains(listener.Configured, StringComparer.OrdinalIgnoreCase) ? _kept : _gone).Add(listener);
        }
    }

    /// <exception cref="ListenFailedException">One could not be opened; everything is as before.</exception>
    public static ListenerChange Open(NodeRuntime runtime, IReadOnlyList<AcceptLoop> present, IReadOnlyList<string> wanted)
    {
        var change = new ListenerChange(runtime, present, wanted);
        try
        {
            foreach (string address in wanted)
            {
                if (!present.Any(listener => string.Equals(listener.Configured, address, StringComparison.OrdinalIgnoreCase)))
                {
                    change.OpenOne(address);
                }
            }
        }
        catch
        {
            change.Undo();
            throw;
        }

        return change;
    }

    /// <summary>Begins to accept at the new addresses, and ends it at those that are gone.</summary>
    public void Finish()
    {
        bool taken;
        lock (_runtime.Gate)
        {
            taken = _runtime.TakeListeners([.. _kept, .. _opened]);
        }

        if (!taken)
        {
            _opened.ForEach(listener => listener.Dispose());
            return;
        }

        foreach (AcceptLoop listener in _opened)
        {
            listener.Start();
            _runtime.Logger.Listening(listener.LocalEndPoint);
        }

        foreach (AcceptLoop listener in _gone)
        {
            listener.Dispose();
            _runtime.Logger.ListeningEnded(listener.LocalEndPoint);
        }
    }

    /// <summary>Closes what was opened, so that everything is as before.</summary>
    public void Undo()
    {
        _opened.ForEach(listener => listener.Dispose());
        _opened.Clear();
        if (_closedEarly.Count == 0)
        {
            return;
        }

        List<AcceptLoop> reopened = [];
        foreach (AcceptLoop listener in _closedEarly)
        {
            _gone.Remove(listener);
            Reopen(listener, reopened);
        }

        _gone.AddRange(reopened);
        bool taken;
        lock (_runtime.Gate)
        {
            taken = _runtime.TakeListeners([.. _kept, .. _gone]);
        }

        if (!taken)
        {
            // The node was disposed of meanwhile, and with it what it knew of.
            reopened.ForEach(listener => listener.Dispose());
        }
    }

    private void OpenOne(string address)
    {
        HostEndPoint endPoint = HostEndPoint.Parse(address);
        try
        {
            Add(endPoint, address);
        }
        catch (ListenFailedException) when (CloseThoseInTheWay(endPoint.Port))
        {
            // From 127.0.0.1:6390 to *:6390, for instance: the new address takes in one that is going.
            Add(endPoint, address);
        }
    }

    private void Add(HostEndPoint endPoint, string address)
    {
        foreach (TcpTransportListener listener in TcpTransportListener.Open(endPoint))
        {
            _opened.Add(new AcceptLoop(_runtime, listener, address));
        }
    }

    private bool CloseThoseInTheWay(int port)
    {
        AcceptLoop[] inTheWay = [.. _gone.Where(listener => !_closedEarly.Contains(listener) && HostEndPoint.Parse(listener.LocalEndPoint).Port == port)];
        foreach (AcceptLoop listener in inTheWay)
        {
            _closedEarly.Add(listener);
            listener.Dispose();
        }

        return inTheWay.Length > 0;
    }

    private void Reopen(AcceptLoop closed, List<AcceptLoop> reopened)
    {
        try
        {
            foreach (TcpTransportListener listener in TcpTransportListener.Open(HostEndPoint.Parse(closed.LocalEndPoint)))
            {
                var loop = new AcceptLoop(_runtime, listener, closed.Configured);
                reopened.Add(loop);
                loop.Start();
            }
        }
        catch (ListenFailedException exception)
        {
            _runtime.Logger.ListeningLost(exception, closed.LocalEndPoint);
        }
    }
}
