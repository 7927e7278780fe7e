using System.Collections.Concurrent;
using System.Net;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.TestKit;

/// <summary>Listeners and a connector without sockets: what listens in the same network object can be connected to by its endpoint. Thread-safe.</summary>
internal sealed class InMemoryNetwork : IConnector
{
    private readonly ConcurrentDictionary<HostEndPoint, Listener> _listeners = new();

    /// <summary>Listens on an endpoint, exactly as written; a name is just a name here.</summary>
    /// <exception cref="ListenFailedException">Something listens there already.</exception>
    public IListener Listen(HostEndPoint endPoint)
    {
        Listener listener = new(this, endPoint);
        return _listeners.TryAdd(endPoint, listener) ? listener : throw new ListenFailedException(endPoint, "the port is taken by another listener");
    }

    /// <inheritdoc/>
    public IConnection Connect(HostEndPoint target, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _listeners.TryGetValue(target, out Listener? listener) && listener.TryConnect(out InMemoryConnection? connection)
            ? connection
            : throw new IOException($"Cannot connect to {target} (connection refused: nothing listens there).");
    }

    private sealed class Listener(InMemoryNetwork network, HostEndPoint endPoint) : IListener
    {
        private readonly Queue<InMemoryConnection> _pending = new();
        private bool _isDisposed;

        public EndPoint LocalEndPoint { get; } = new DnsEndPoint(endPoint.Host, endPoint.Port);

        public bool TryConnect([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out InMemoryConnection? connection)
        {
            (InMemoryConnection near, InMemoryConnection far) = InMemoryConnection.CreatePair();
            lock (_pending)
            {
                connection = _isDisposed ? null : near;
                if (!_isDisposed)
                {
                    _pending.Enqueue(far);
                    Monitor.Pulse(_pending);
                }
            }

            return connection is not null;
        }

        public IConnection Accept()
        {
            lock (_pending)
            {
                while (_pending.Count == 0 && !_isDisposed)
                {
                    Monitor.Wait(_pending);
                }

                ObjectDisposedException.ThrowIf(_isDisposed, this);
                return _pending.Dequeue();
            }
        }

        public void Dispose()
        {
            network._listeners.TryRemove(new KeyValuePair<HostEndPoint, Listener>(endPoint, this));
            lock (_pending)
            {
                _isDisposed = true;
                Monitor.PulseAll(_pending);
                while (_pending.TryDequeue(out InMemoryConnection? connection))
                {
                    connection.Abort();
                }
            }
        }
    }
}
