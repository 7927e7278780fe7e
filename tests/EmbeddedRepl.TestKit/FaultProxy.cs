using System.Net;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.TestKit;

/// <summary>
/// A TCP proxy, on loopback unless said otherwise, that damages what passes through it in ways that can be repeated: connections are numbered, and everything random is drawn from the
/// seed, the number and the direction. It runs on threads of its own, so a test can block the thread pool. Thread-safe.
/// </summary>
internal sealed class FaultProxy : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly HostEndPoint _target;
    private readonly int _seed;
    private readonly TcpTransportListener _listener;
    private readonly Thread _acceptor;
    private readonly Lock _gate = new();
    private readonly HashSet<FaultSession> _sessions = [];
    private bool _isDisposed;
    private long _resetCalls;
    private long _connections;
    private long _refused;
    private long _resets;
    private long _bitsFlipped;
    private long _bytesToTarget;
    private long _bytesToClient;

    /// <summary>Starts to listen on a free port.</summary>
    /// <param name="target">Where accepted connections lead to; it need not listen yet.</param>
    /// <param name="seed">What everything random is drawn from.</param>
    /// <param name="host">The address that it listens on.</param>
    public FaultProxy(HostEndPoint target, int seed, string host = "127.0.0.1")
    {
        _target = target;
        _seed = seed;
        _listener = TcpTransportListener.Open(new HostEndPoint(host, 0))[0];
        _acceptor = new Thread(AcceptLoop) { IsBackground = true, Name = "FaultProxy accept" };
        _acceptor.Start();
    }

    /// <summary>Where clients connect to.</summary>
    public HostEndPoint EndPoint => HostEndPoint.From(_listener.LocalEndPoint);

    /// <summary>What happens to bytes from the client to the target.</summary>
    public FaultDirection ToTarget { get; } = new();

    /// <summary>What happens to bytes from the target to the client.</summary>
    public FaultDirection ToClient { get; } = new();

    /// <summary>Whether new connections are reset at once, as if nothing listened.</summary>
    public bool IsRefusing
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>Connections that are open at present.</summary>
    public int OpenConnections
    {
        get
        {
            lock (_gate)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>What was done so far.</summary>
    public FaultStatistics Statistics => new(
        Interlocked.Read(ref _connections),
        Interlocked.Read(ref _refused),
        Interlocked.Read(ref _bytesToTarget),
        Interlocked.Read(ref _bytesToClient),
        Interlocked.Read(ref _resets),
        Interlocked.Read(ref _bitsFlipped));

    /// <summary>Stalls both directions or lets them go on.</summary>
    public void Stall(bool isStalled)
    {
        ToTarget.IsStalled = isStalled;
        ToClient.IsStalled = isStalled;
    }

    /// <summary>Resets every connection that was accepted so far, also one that is still on its way to the target; new ones are accepted as before.</summary>
    public void ResetAll()
    {
        FaultSession[] sessions;
        lock (_gate)
        {
            _resetCalls++;
            sessions = [.. _sessions];
        }

        foreach (FaultSession session in sessions)
        {
            session.Reset();
        }
    }

    /// <summary>Stops listening and resets what is open.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        _listener.Dispose();
        _acceptor.Join();
        ResetAll();
    }

    internal void CountReset() => Interlocked.Increment(ref _resets);

    internal void CountFlip() => Interlocked.Increment(ref _bitsFlipped);

    internal void CountBytes(bool isToTarget, int count) => Interlocked.Add(ref isToTarget ? ref _bytesToTarget : ref _bytesToClient, count);

    internal void Remove(FaultSession session)
    {
        lock (_gate)
        {
            _sessions.Remove(session);
        }
    }

    private void AcceptLoop()
    {
        while (true)
        {
            try
            {
                Start(_listener.Accept());
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (IOException)
            {
                // That client gets nothing; the next one is waited for.
            }
        }
    }

    private void Start(IConnection client)
    {
        int number = (int)Interlocked.Increment(ref _connections);
        long resetCalls;
        lock (_gate)
        {
            resetCalls = _resetCalls;
        }

        IConnection? target = null;
        try
        {
            target = IsRefusing ? null : new TcpConnector().Connect(_target, ConnectTimeout);
        }
        catch (IOException)
        {
            // Refused below.
        }

        if (target is null)
        {
            Interlocked.Increment(ref _refused);
            client.Abort();
            return;
        }

        FaultSession session = new(this, client, target, HashCodeOf(_seed, number));
        lock (_gate)
        {
            if (!_isDisposed && resetCalls == _resetCalls)
            {
                _sessions.Add(session);
                session.Start();
                return;
            }
        }

        session.Reset();
    }

    // HashCode.Combine differs from process to process, and a failure has to be repeated in another one.
    private static int HashCodeOf(int seed, int number) => unchecked((seed * 486187739) + (number * 16777619));
}
