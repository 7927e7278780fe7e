using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>Keeps a replica connected to one master until the node follows it no longer: waits, connects, runs the connection, begins again.</summary>
internal sealed class LinkLoop : IDisposable
{
    private const long LongestWait = 1_000;

    private readonly NodeRuntime _runtime;
    private readonly CancellationTokenSource _stopped = new();
    private readonly LoopSignal _signal = new();
    private readonly HostEndPoint _target;
    private LinkPump? _pump;
    private LoopThread? _thread;
    private int _isStarted;
    private int _isDisposing;
    private bool _isDisposed;

    public LinkLoop(NodeRuntime runtime, HostEndPoint target)
    {
        _runtime = runtime;
        _target = target;
    }

    /// <summary>Wakes the loop; given to the keeper when it is made.</summary>
    public INodeSignal Signal => _signal;

    /// <summary>Whether the loop has come to its end and everything it held is closed.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Set once, before the loop starts.</summary>
    public ReplicaLinkKeeper? Keeper { get; set; }

    /// <summary>Starts the loop. Does nothing the second time: a node that is started while it is told to follow somebody does it twice.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            _thread = LoopThread.Start("link", _runtime.Logger, Run);
        }
    }

    /// <summary>Ends an attempt to connect, and the connection if its endpoint is closed and overdue. Under the gate.</summary>
    public void AbortIfOverdue(Moment now)
    {
        if (Keeper!.IsStopped && !_isDisposed)
        {
            _stopped.Cancel();
        }

        _pump?.AbortIfOverdue(now);
    }

    /// <summary>
    /// Waits for the loop, whose keeper has been stopped. The clock does it when the loop has finished, and the node when it ends, perhaps at the same
    /// moment: whoever comes second has nothing to do.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposing, 1) != 0)
        {
            return;
        }

        _stopped.Cancel();
        _signal.Set();
        Volatile.Read(ref _pump)?.Abort();
        if (_thread is null || _thread.Join(TimeSpan.FromSeconds(5)))
        {
            _signal.Dispose();
            lock (_runtime.Gate)
            {
                // The clock may still look after this loop at this moment.
                _isDisposed = true;
                _stopped.Dispose();
            }
        }
    }

    private void Run()
    {
        try
        {
            KeepConnected();
        }
        finally
        {
            IsFinished = true;
        }
    }

    private void KeepConnected()
    {
        while (!_stopped.IsCancellationRequested)
        {
            long wait;
            bool connects;
            lock (_runtime.Gate)
            {
                Moment now = _runtime.Now();
                if (Keeper!.IsStopped)
                {
                    return;
                }

                wait = Math.Min(LongestWait, Keeper.NextAttemptAt - now.Milliseconds);
                connects = Keeper.ShouldConnect(now);
                if (connects)
                {
                    Keeper.BeginConnect();
                }
            }

            if (connects)
            {
                ConnectAndRun();
            }
            else
            {
                _signal.Wait(Math.Max(1, wait));
            }
        }
    }

    private void ConnectAndRun()
    {
        IConnection connection;
        try
        {
            connection = _runtime.Connector.Connect(
                _target, TimeSpan.FromMilliseconds(_runtime.Settings.ConnectTimeout), _stopped.Token);
        }
#pragma warning disable CA1031 // No thread for the attempt, no memory: whatever it was, it must not be the last attempt of this node.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (exception is not (IOException or OperationCanceledException))
            {
                _runtime.Logger.BackgroundWorkFailed(exception, "connect");
            }

            lock (_runtime.Gate)
            {
                Keeper!.ConnectFailed(exception.Message, _runtime.Now());
            }

            return;
        }

        LinkPump pump;
        lock (_runtime.Gate)
        {
            pump = new LinkPump(_runtime, Keeper!, _runtime.Tls.Outgoing(connection, _target));
            _pump = pump;
            _runtime.Uplink = pump;
        }

        if (_stopped.IsCancellationRequested)
        {
            // Stopped between the connect and here: whoever did it found no connection to break, and this one's peer may be frozen.
            pump.Abort();
        }

        try
        {
            pump.Run();
        }
#pragma warning disable CA1031 // Whatever it was, it concerns this connection: the next one gets its chance.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _runtime.Logger.BackgroundWorkFailed(exception, "link");
        }
        finally
        {
            lock (_runtime.Gate)
            {
                _pump = null;
                _runtime.Uplink = _runtime.Uplink == pump ? null : _runtime.Uplink;
            }
        }
    }
}
