using System.Buffers;
using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Hosting;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Tests.Contract;

/// <summary>A node without replication, over a dictionary: the simplest thing that keeps the promises of <see cref="ICacheNode"/>.</summary>
internal sealed partial class DictionaryNode : ICacheNode
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private long _changes;

    public DictionaryNode(ReplicatedCacheOptions options, TimeProvider time)
    {
        Options = options;
        _time = time;
        NodeTopology topology = NodeTopology.Of(options);
        Role = topology.Role;
        Info = new ReplicationInfo
        {
            TakenAt = time.GetUtcNow(),
            Role = topology.Role,
            ReplicationId = ReplicationId.None,
            PreviousReplicationId = ReplicationId.None,
            PreviousReplicationIdEnd = -1,
            ReplicationOffset = 0,
            RunId = new string('0', 40),
            EntryCount = 0,
            StoreBytes = 0,
            Digest = new string('0', 32),
            IsReady = topology.Role == ReplicationRole.Master,
            Master = topology.Master,
            ListenEndPoints = topology.Listen,
        };
    }

    /// <summary>What happened to the node, in order.</summary>
    public List<string> Calls { get; } = [];

    public ReplicatedCacheOptions Options { get; }

    public TimeProvider Time => _time;

    public ReplicationInfo Info { get; set; }

    /// <summary>What a set throws, if anything.</summary>
    public Exception? WriteError { get; set; }

    /// <summary>Runs when a read has found nothing.</summary>
    public Action? AfterMiss { get; set; }

    /// <summary>What <see cref="Start"/> throws, if anything.</summary>
    public Exception? StartError { get; set; }

    /// <summary>Runs in <see cref="Stop"/>.</summary>
    public Action? WhileStopping { get; set; }

    public ReplicationRole Role { get; private set; }

    public bool IsReady => Info.IsReady;

    /// <summary>What those wait for who wait until the node is ready.</summary>
    public TaskCompletionSource ReadySource { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs when somebody begins to wait for it.</summary>
    public Action? WhileWaitedFor { get; set; }

    public Task Ready
    {
        get
        {
            WhileWaitedFor?.Invoke();
            return IsReady ? Task.CompletedTask : ReadySource.Task;
        }
    }

    public TimeSpan? Staleness => Info.Staleness;

    public bool IsFresherThan(TimeSpan maxStaleness) => Role == ReplicationRole.Master || Info.Staleness <= maxStaleness;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>What a caller that must not be blocked waits for.</summary>
    public Task Writable { get; set; } = Task.CompletedTask;

    public bool ForwardsWrites => false;

    public void ThrowIfReadOnly() => ThrowIfReplica();

    public async ValueTask<WriteResult> SetAsync(string key, ReadOnlySequence<byte> value, WriteExpiration expiration, CancellationToken token)
    {
        await Writable.WaitAsync(token);
        return Set(key, value, expiration);
    }

    public async ValueTask<WriteResult> RemoveAsync(string key, CancellationToken token)
    {
        await Writable.WaitAsync(token);
        return Remove(key);
    }

    public async ValueTask<WriteResult?> SetManyAsync(
        IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, WriteExpiration expiration, CancellationToken token)
    {
        await Writable.WaitAsync(token);
        return SetMany(entries, expiration);
    }

    public async ValueTask<WriteResult> ClearAsync(CancellationToken token)
    {
        await Writable.WaitAsync(token);
        return Clear();
    }

    public byte[]? Get(string key)
    {
        byte[]? value = Read(key)?.Value.ToArray();
        if (value is null)
        {
            AfterMiss?.Invoke();
        }

        return value;
    }

    public bool TryGet(string key, Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = 0;
        if (Read(key) is not { } entry)
        {
            return false;
        }

        if (entry.Value.Length > destination.Length)
        {
            throw new ArgumentException("The value does not fit.", nameof(destination));
        }

        entry.Value.CopyTo(destination);
        bytesWritten = entry.Value.Length;
        return true;
    }

    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        if (Read(key) is not { } entry)
        {
            return false;
        }

        destination.Write(entry.Value);
        return true;
    }

    public void Refresh(string key) => Read(key);

    public WriteResult Set(string key, in ReadOnlySequence<byte> value, in WriteExpiration expiration)
    {
        ThrowIfReplica();
        if (WriteError is not null)
        {
            throw WriteError;
        }

        long? cap = expiration.Relative is { } relative
            ? NowMs + (long)Math.Ceiling(relative.TotalMilliseconds)
            : expiration.AbsoluteUtc?.ToUnixTimeMilliseconds();
        var entry = new Entry(value.ToArray(), cap, expiration.Sliding, ++_changes);
        entry.Extend(NowMs);
        _entries[key] = entry;
        _feed.Set(System.Text.Encoding.UTF8.GetBytes(key), entry.Version);
        return new WriteResult(WriteStatus.Applied, HistoryId, _changes);
    }

    public WriteResult? SetMany(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, in WriteExpiration expiration)
    {
        ThrowIfReplica();
        foreach ((string key, ReadOnlyMemory<byte> value) in entries)
        {
            Set(key, new ReadOnlySequence<byte>(value), expiration);
        }

        return entries.Count == 0 ? null : new WriteResult(WriteStatus.Applied, HistoryId, _changes);
    }

    public WriteResult Remove(string key)
    {
        ThrowIfReplica();
        return RemoveEntry(key) ? Written() : new WriteResult(WriteStatus.Unchanged, HistoryId, _changes);
    }

    public WriteResult Clear()
    {
        ThrowIfReplica();
        _entries.Clear();
        _feed.Cleared();
        return Written();
    }

    public void Start()
    {
        Calls.Add("start");
        if (StartError is not null)
        {
            throw StartError;
        }
    }

    public int WaitForReplicas(int count, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Calls.Add($"wait {count} {timeout}");
        return Role == ReplicationRole.Master ? 0 : throw new NotMasterException();
    }

    public async Task<int> WaitForReplicasAsync(int count, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return WaitForReplicas(count, timeout, cancellationToken);
    }

    /// <summary>The history that this node is in.</summary>
    public ReplicationId HistoryId { get; set; } = ReplicationId.NewId();

    public StreamPosition Position => new(HistoryId, _changes);

    public bool WaitFor(in StreamPosition position, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Calls.Add($"wait for {position.Offset} {timeout}");
        return position == default || (position.Id == HistoryId && position.Offset <= _changes);
    }

    public async ValueTask<bool> WaitForAsync(StreamPosition position, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return WaitFor(position, timeout, cancellationToken);
    }

    public void Stop(TimeSpan timeout)
    {
        Calls.Add($"stop {timeout}");
        WhileStopping?.Invoke();
    }

    public void ReplicateFrom(string master)
    {
        Calls.Add("replicate from " + master);
        Role = ReplicationRole.Replica;
    }

    public void Promote(PromotionOptions options)
    {
        Calls.Add("promote " + options.Force);
        Role = ReplicationRole.Master;
    }

    public void Reconfigure(ReplicatedCacheOptions previous, ReplicatedCacheOptions next) => Calls.Add("reconfigure");

    /// <summary>Hands an event to the application, once there is one that wants to hear of it.</summary>
    public Action<ReplicationEventArgs>? Deliver { get; private set; }

    public void DeliverEvents(Action<ReplicationEventArgs> deliver) => Deliver ??= deliver;

    public void OverrideFullSyncRefusals() => Calls.Add("override");

    public Task SaveSnapshot()
    {
        Calls.Add("save");
        return Saving.Task;
    }

    /// <summary>What a save waits for.</summary>
    public TaskCompletionSource Saving { get; } = new();

    public CacheStatistics GetStatistics() => throw new NotSupportedException();

    public ReplicationInfo GetReplicationInfo() => Info;

    public void Dispose()
    {
        Calls.Add("dispose");
        _feed.End();
    }

    private Entry? Read(string key)
    {
        if (!_entries.TryGetValue(key, out Entry? entry) || entry.Deadline <= NowMs)
        {
            return null;
        }

        entry.Extend(NowMs);
        return entry;
    }

    private WriteResult Written() => new(WriteStatus.Applied, HistoryId, ++_changes);

    private void ThrowIfReplica()
    {
        if (Role == ReplicationRole.Replica)
        {
            throw new ReadOnlyReplicaException();
        }
    }

    private sealed class Entry(byte[] value, long? cap, TimeSpan? sliding, long version)
    {
        private long _slidTo = long.MaxValue;

        public byte[] Value => value;

        public EntryVersion Version { get; } = new(version, (ulong)version);

        public long Deadline => Math.Min(_slidTo, cap ?? long.MaxValue);

        public void Extend(long nowMs)
        {
            if (sliding is { } window)
            {
                _slidTo = nowMs + (long)Math.Ceiling(window.TotalMilliseconds);
            }
        }
    }
}

/// <summary>Makes dictionary nodes and remembers them.</summary>
internal sealed class DictionaryNodeFactory : INodeFactory
{
    public List<DictionaryNode> Nodes { get; } = [];

    /// <summary>Runs on every node that is made.</summary>
    public Action<DictionaryNode>? Prepare { get; set; }

    public ICacheNode Create(ReplicatedCacheOptions options, TimeProvider time, ILoggerFactory loggers, CacheTelemetry telemetry)
    {
        var node = new DictionaryNode(options, time);
        Nodes.Add(node);
        Prepare?.Invoke(node);
        return node;
    }
}
