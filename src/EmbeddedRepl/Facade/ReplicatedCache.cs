using System.Buffers;
using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Transport;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Facade;

/// <summary>
/// What callers get as <see cref="IReplicatedCache"/> and <see cref="IDistributedCache"/>: the cache contract in front of a node.
/// Arguments are checked here, in full and before any effect, so that the node can rely on them. Thread-safe.
/// </summary>
internal sealed partial class ReplicatedCache : IReplicatedCache, IDisposable
{
    private readonly ICacheNode _node;
    private readonly WriteTracking _tracking;
    private readonly SizeLimits _limits;
    private readonly TimeProvider _time;
    private readonly CacheTelemetry? _telemetry;
    private readonly Lock _lifecycle = new();

    // Null unless the options say that a stale replica refuses reads: then a read costs one test more.
    private StaleReadGuard? _staleReads;
    private volatile bool _started;
    private int _stopped;
    private volatile bool _disposed;

    /// <summary>Creates the cache.</summary>
    /// <param name="node">Not started; owned and disposed of by this cache.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="time">Decides whether an absolute expiration is in the past.</param>
    /// <param name="logger">Hears of handlers that fail; null for nobody.</param>
    /// <param name="telemetry">Counts what happens here, and is disposed of by this cache; null for nobody.</param>
    public ReplicatedCache(ICacheNode node, ReplicatedCacheOptions options, TimeProvider time, ILogger? logger = null, CacheTelemetry? telemetry = null)
    {
        _telemetry = telemetry;
        _staleReads = StaleReadGuard.Of(options, node, telemetry);
        _node = node;
        _tracking = new WriteTracking(node);
        _handlers = new ReplicationEventHandlers(this, logger ?? NullLogger.Instance);
        _uncached = new UncachedValues(new ForgivingLogger(logger ?? NullLogger.Instance), time);
        _limits = new SizeLimits(options);
        _time = time;
    }

    public ReplicationRole Role
    {
        get
        {
            ThrowIfDisposed();
            return _node.Role;
        }
    }

    public byte[]? Get(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        return IsRefusedAsStale() || !_limits.Allows(key) ? null : _node.Get(key);
    }

    public bool TryGet(string key, Span<byte> destination, out int bytesWritten)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        bytesWritten = 0;
        return !IsRefusedAsStale() && _limits.Allows(key) && _node.TryGet(key, destination, out bytesWritten);
    }

    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(destination);
        ThrowIfDisposed();
        return !IsRefusedAsStale() && _limits.Allows(key) && _node.TryGet(key, destination);
    }

    public void Refresh(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        if (_limits.Allows(key))
        {
            _node.Refresh(key);
        }
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(options);
        Write(key, new ReadOnlySequence<byte>(value), options);
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        Write(key, value, options);
    }

    public void SetMany(IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, DistributedCacheEntryOptions options)
    {
        KeyValuePair<string, ReadOnlyMemory<byte>>[] copy = CheckedCopy(entries, options);
        _tracking.Note(_node.SetMany(copy, RequestedExpiration.Of(options, _time)));
    }

    public void Remove(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        if (CanBeHere(key))
        {
            _tracking.Note(_node.Remove(key));
        }
    }

    public void Clear()
    {
        ThrowIfDisposed();
        _tracking.Note(_node.Clear());
    }

    public CacheStatistics GetStatistics()
    {
        ThrowIfDisposed();
        return _node.GetStatistics();
    }

    public ReplicationInfo GetReplicationInfo()
    {
        ThrowIfDisposed();
        return _node.GetReplicationInfo();
    }

    public int WaitForReplicas(int count, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        CheckWait(count, timeout);
        cancellationToken.ThrowIfCancellationRequested();
        return _node.WaitForReplicas(count, timeout, cancellationToken);
    }

    public void OverrideFullSyncRefusals()
    {
        ThrowIfDisposed();
        _node.OverrideFullSyncRefusals();
    }

    /// <summary>Opens the node's listeners and starts its link; does nothing more when called again. See <see cref="ICacheNode.Start"/>.</summary>
    public void Start()
    {
        lock (_lifecycle)
        {
            ThrowIfDisposed();
            if (!_started)
            {
                _node.Start();
                _started = true;
            }
        }
    }

    /// <summary>Goes on with other options. See <see cref="ICacheNode.Reconfigure"/>.</summary>
    /// <exception cref="ArgumentException">The master of <paramref name="next"/> is this node itself.</exception>
    public void Reconfigure(ReplicatedCacheOptions previous, ReplicatedCacheOptions next)
    {
        ThrowIfDisposed();
        if (!string.IsNullOrWhiteSpace(next.Master) && next.Master != previous.Master)
        {
            ThrowIfNotAnotherNode(next.Master);
        }

        _node.Reconfigure(previous, next);
        Volatile.Write(ref _staleReads, StaleReadGuard.Of(next, _node, _telemetry));
    }

    /// <summary>Stops replication; reads stay possible until disposal, writes are refused. Does nothing if not started.</summary>
    /// <param name="timeout">For how long to wait for the replicas at most.</param>
    public void Stop(TimeSpan timeout)
    {
        // Not under the lock: stopping waits, and whoever disposes of the cache meanwhile must not wait with it.
        if (_started && !_disposed && Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            _node.Stop(timeout);
        }
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _telemetry?.Dispose();
            _node.Dispose();
        }
    }

    private void Write(string key, in ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        CheckWrite(key, value.Length);
        _tracking.Note(_node.Set(key, value, RequestedExpiration.Of(options, _time)));
    }

    private void CheckWrite(string key, long valueSize)
    {
        ThrowIfDisposed();
        _limits.ThrowIfTooLarge(key, nameof(key));
        _limits.ThrowIfTooLarge(valueSize, "value");
    }

    private KeyValuePair<string, ReadOnlyMemory<byte>>[] CheckedCopy(
        IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfDisposed();

        // The collection is the caller's: enumerated twice it could differ, or throw half-way through the writing. So what is
        // checked is a copy of the pairs (not of the values), and the same copy is written.
        KeyValuePair<string, ReadOnlyMemory<byte>>[] copy = [.. entries];
        foreach ((string key, ReadOnlyMemory<byte> value) in copy)
        {
            if (key is null)
            {
                throw new ArgumentNullException(nameof(entries), "A key of the entries is null.");
            }

            _limits.ThrowIfTooLarge(key, nameof(entries));
            _limits.ThrowIfTooLarge(value.Length, nameof(entries));
        }

        return copy;
    }

    /// <summary>Whether a read gets a miss, whatever there is.</summary>
    /// <exception cref="StaleReplicaException">This replica is too stale, and the options say that a read throws then.</exception>
    private bool IsRefusedAsStale() => _staleReads is { } guard && guard.Refuses();

    /// <summary>Whether there can be an entry to remove.</summary>
    /// <exception cref="ReadOnlyReplicaException">There cannot, but the answer of a replica that refuses writes must not depend on what it holds.</exception>
    private bool CanBeHere(string key)
    {
        if (_limits.Allows(key))
        {
            return true;
        }

        _node.ThrowIfReadOnly();
        return false;
    }

    private void CheckWait(int count, TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        CheckTimeout(timeout);
        ThrowIfDisposed();
    }

    private static void CheckTimeout(TimeSpan timeout)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "The time must not be negative, unless it is Timeout.InfiniteTimeSpan.");
        }
    }

    private void ThrowIfNotAnotherNode(string master)
    {
        if (!HostEndPoint.TryParse(master, out HostEndPoint target, out string? problem) || (problem = target.ProblemAsTarget()) is not null)
        {
            throw new ArgumentException(problem, nameof(master));
        }

        foreach (string own in _node.GetReplicationInfo().ListenEndPoints)
        {
            if (HostEndPoint.TryParse(own, out HostEndPoint listener, out _) && target.Reaches(listener))
            {
                throw new ArgumentException($"'{master}' is this node itself, which listens on '{own}'.", nameof(master));
            }
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, typeof(IReplicatedCache));
}
