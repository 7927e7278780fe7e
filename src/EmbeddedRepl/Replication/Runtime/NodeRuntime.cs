using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Transport;
using EmbeddedRepl.Transport.Tls;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// The threads and connections around a <see cref="NodeCore"/>: listeners, one pump per connection, the loop that keeps the
/// link, and the loop that lets time pass. It decides nothing.
/// </summary>
internal sealed class NodeRuntime : IDisposable
{
    /// <summary>How often time passes for the core, in milliseconds.</summary>
    private const long TickInterval = 50;

    /// <summary>How long sessions may take at most to end by themselves when the node stops, in milliseconds.</summary>
    private const long SessionsGrace = 2_000;

    private readonly List<SessionPump> _sessions = [];
    private readonly List<AcceptLoop> _listeners = [];
    private readonly List<LinkLoop> _links = [];
    private readonly LoopSignal _clockSignal = new();
    private readonly Housekeeping _housekeeping;
    private readonly CertificateWatch _certificates;
    private LinkPump? _uplink;
    private TlsTransport _tls = TlsTransport.Off;
    private LoopThread? _clock;
    private volatile bool _isStopped;

    public NodeRuntime(NodeCore core, IConnector connector, TimeProvider time, ILogger logger)
    {
        Core = core;
        Connector = connector;
        Time = time;
        Logger = logger;
        _housekeeping = new Housekeeping(core);
        _certificates = new CertificateWatch(this);
    }

    public NodeCore Core { get; }

    public Lock Gate => Core.Gate;

    public NodeSettings Settings => Core.Settings;

    public IConnector Connector { get; }

    /// <summary>What connections are wrapped in that are opened from now on. Replaced when the configuration changes. Any thread.</summary>
    public TlsTransport Tls
    {
        get => Volatile.Read(ref _tls);
        private set => Volatile.Write(ref _tls, value);
    }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    /// <summary>Peers that have proved nothing yet and are not being thrown out, and the memory held for what they sent. Takes the gate.</summary>
    public (int Count, long ReceiveBytes) Strangers
    {
        get
        {
            lock (Gate)
            {
                SessionPump[] strangers = [.. _sessions.Where(IsStranger)];
                return (strangers.Length, strangers.Sum(pump => (long)pump.ReceiveCapacity));
            }
        }
    }

    /// <summary>Connections that were accepted and whose threads have not ended. Takes the gate.</summary>
    public int OpenSessions
    {
        get
        {
            lock (Gate)
            {
                return _sessions.Count;
            }
        }
    }

    public Moment Now() => Moment.From(Time);

    /// <summary>
    /// Milliseconds of the machine's own clock. Waits while stopping count on it: the clock that the application registered may
    /// stand still, as in its tests.
    /// </summary>
    private static long SystemNow() => Moment.From(TimeProvider.System).Milliseconds;

    /// <summary>Where the node accepts replicas. Under the gate.</summary>
    public IReadOnlyList<string> ListenEndPoints => [.. _listeners.Select(listener => listener.LocalEndPoint)];

    /// <summary>Opens all listeners, or none of them.</summary>
    /// <exception cref="ListenFailedException">One could not be opened.</exception>
    public void Listen(IReadOnlyList<string> endPoints) => ChangeListeners(endPoints).Finish();

    /// <summary>
    /// Opens those addresses that are not listened on yet, or none of them. The others are closed when the caller says so; replicas that came
    /// by them stay. One change at a time.
    /// </summary>
    /// <exception cref="ListenFailedException">One could not be opened; everything is as before.</exception>
    public ListenerChange ChangeListeners(IReadOnlyList<string> endPoints)
    {
        AcceptLoop[] present;
        lock (Gate)
        {
            present = [.. _listeners];
        }

        return ListenerChange.Open(this, present, endPoints);
    }

    /// <summary>Replaces the listeners that the node has. Under the gate.</summary>
    /// <returns>False if the node was stopped meanwhile; then they are not its own.</returns>
    internal bool TakeListeners(IReadOnlyList<AcceptLoop> listeners)
    {
        if (_isStopped)
        {
            return false;
        }

        _listeners.Clear();
        _listeners.AddRange(listeners);
        return true;
    }

    /// <summary>Lets time pass. Called once.</summary>
    public void Start()
    {
        _clock = LoopThread.Start("clock", Logger, RunClock);
        _certificates.Start();
    }

    /// <summary>Connections that are opened from now on are wrapped in this.</summary>
    public void ChangeTls(TlsTransport tls)
    {
        Tls = tls;
        _certificates.Start();
    }

    /// <summary>Keeps the link if the node is a replica. May be called again; links that run already are left alone.</summary>
    public void StartLinks()
    {
        LinkLoop[] links;
        lock (Gate)
        {
            links = [.. _links];
        }

        foreach (LinkLoop link in links)
        {
            link.Start();
        }
    }

    /// <summary>Follows a master. Under the gate; the loop must be started by <see cref="StartLinks"/> or by the caller.</summary>
    public LinkLoop Follow(string target, bool isOrdered)
    {
        ObjectDisposedException.ThrowIf(_isStopped, this);
        HostEndPoint endPoint = HostEndPoint.Parse(target);
        var loop = new LinkLoop(this, endPoint);
        loop.Keeper = Core.BeginAsReplica(endPoint.ToString(), isOrdered, loop.Signal, Now());
        _links.Add(loop);
        return loop;
    }

    /// <summary>Runs a connection that came in, on a thread of its own.</summary>
    public void RunSession(IConnection connection)
    {
        SessionPump pump;
        lock (Gate)
        {
            if (_isStopped)
            {
                connection.Dispose();
                return;
            }

            MakeRoomForStranger();
            pump = new SessionPump(this, Tls.Accepted(connection));
            _sessions.Add(pump);
        }

        try
        {
            LoopThread.Start($"session {connection.Description}", Logger, () =>
            {
                try
                {
                    pump.Run();
                }
                finally
                {
                    Forget(pump);
                }
            });
        }
        catch
        {
            // No thread was to be had: the peer goes, and leaves nothing behind.
            lock (Gate)
            {
                pump.Session.Close(CloseReason.TooManyConnections, "No thread can be started for it.", Now());
            }

            Forget(pump);
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The connection to the master, if there is one. Set under the gate, read without.</summary>
    public LinkPump? Uplink
    {
        get => Volatile.Read(ref _uplink);
        set => Volatile.Write(ref _uplink, value);
    }

    /// <summary>A wait with a time-out began: the clock looks when it is due, instead of at its next round.</summary>
    public void DeadlineAdded() => _clockSignal.Set();

    /// <summary>
    /// Waits until every attached replica has acknowledged all that was written before the call, those included that are still in their
    /// full sync: they may be the only ones. One that leaves is waited for no longer, and one that offers data to a recovery gets nothing.
    /// </summary>
    /// <returns>False if the time ran out first.</returns>
    public bool WaitForReplicas(TimeSpan timeout)
    {
        long deadline = SystemNow() + (long)timeout.TotalMilliseconds;
        using var pause = new LoopSignal();
        long? end = null;
        while (true)
        {
            lock (Gate)
            {
                long target = end ??= Core.Data.Offset;
                if (_isStopped || Core.Sessions.All(session => !IsServed(session) || (session.IsSynced && session.AckedOffset >= target)))
                {
                    return true;
                }
            }

            if (SystemNow() >= deadline)
            {
                return false;
            }

            pause.Wait(5);
        }
    }

    /// <summary>Closes listeners, connections and loops. The data stays readable.</summary>
    public void Dispose()
    {
        AcceptLoop[] listeners;
        LinkLoop[] links;
        lock (Gate)
        {
            if (_isStopped)
            {
                return;
            }

            _isStopped = true;
            Core.Stop(Now());
            listeners = [.. _listeners];
            links = [.. _links];
        }

        foreach (AcceptLoop listener in listeners)
        {
            listener.Dispose();
        }

        foreach (LinkLoop link in links)
        {
            link.Dispose();
        }

        _certificates.Dispose();
        EndSessions();
        _clockSignal.Set();
        _clock?.Join(TimeSpan.FromSeconds(5));
        _clockSignal.Dispose();
    }

    private void EndSessions()
    {
        // The pumps say their last words by themselves; the clock breaks those whose peer does not listen.
        long deadline = SystemNow() + SessionsGrace;
        while (true)
        {
            SessionPump[] remaining;
            lock (Gate)
            {
                remaining = [.. _sessions];
            }

            if (remaining.Length == 0)
            {
                return;
            }

            if (SystemNow() >= deadline)
            {
                foreach (SessionPump pump in remaining)
                {
                    pump.Abort();
                }

                return;
            }

            _clockSignal.Wait(5);
        }
    }

    private void Forget(SessionPump pump)
    {
        lock (Gate)
        {
            _sessions.Remove(pump);
        }
    }

    private void MakeRoomForStranger()
    {
        int strangers = 0;
        SessionPump? oldest = null;
        foreach (SessionPump pump in _sessions)
        {
            // One that was thrown out may take a moment to go; counting it would throw out nobody for the next one, who comes meanwhile.
            if (IsStranger(pump))
            {
                strangers++;
                oldest ??= pump;
            }
        }

        if (strangers >= Settings.MaxPendingHandshakes)
        {
            oldest!.Session.Close(CloseReason.TooManyConnections, "Too many connections are in the middle of a handshake.", Now());
            oldest.Abort();
        }
    }

    private static bool IsServed(MasterSession session) => session.IsAttached && session.State != ReplicaSessionState.Recovering;

    private static bool IsStranger(SessionPump pump) => !pump.IsIdentified && !pump.IsAborted;

    private void RunClock()
    {
        while (!_isStopped || HasSessions())
        {
            long pause = TickInterval;
            try
            {
                pause = PassTime();
            }
#pragma warning disable CA1031 // Time must go on for every link, whatever one tick ran into.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Logger.BackgroundWorkFailed(exception, "clock");
            }

            _clockSignal.Wait(pause);
        }
    }

    /// <returns>When to look again, in milliseconds.</returns>
    private long PassTime()
    {
        lock (Gate)
        {
            Moment now = Now();
            Core.Tick(now);
            foreach (SessionPump pump in _sessions)
            {
                pump.AbortIfOverdue(now);
            }

            ForgetFinishedLinks();
            foreach (LinkLoop link in _links)
            {
                link.AbortIfOverdue(now);
            }

            return _housekeeping.Run(now) ? 1 : Math.Clamp(Math.Min(Core.AckWaits.NextDeadline, Core.PositionWaits.NextDeadline) - now.Milliseconds, 1, TickInterval);
        }
    }

    private void ForgetFinishedLinks()
    {
        for (int i = _links.Count - 1; i >= 0; i--)
        {
            if (_links[i].IsFinished)
            {
                // Its thread is past everything that could wait; nothing is waited for here.
                _links[i].Dispose();
                _links.RemoveAt(i);
            }
        }
    }

    private bool HasSessions()
    {
        lock (Gate)
        {
            return _sessions.Count > 0;
        }
    }
}
