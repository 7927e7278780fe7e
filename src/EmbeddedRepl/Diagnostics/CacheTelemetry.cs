using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EmbeddedRepl.Diagnostics;

/// <summary>
/// What one cache tells the world in numbers and traces: one meter and one activity source, both named <c>EmbeddedRepl</c>. Most instruments are observable: they read what
/// the node knows anyway, when somebody asks, and cost nothing otherwise. Never called under a node's gate, because whoever listens is code of the application. No tag carries a key, a value or
/// a password, and those of metrics have few values. Thread-safe. See <c>DESIGN.md</c>.
/// </summary>
internal sealed class CacheTelemetry : IDisposable
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "EmbeddedRepl";

    /// <summary>The tag that tells the caches of a process apart; .NET's own name for it.</summary>
    public const string CacheNameTag = "dotnet.cache.name";

    private static readonly string? Version = typeof(CacheTelemetry).Assembly.GetName().Version?.ToString(3);

    private static readonly ActivitySource Source = new(Name, Version);

    private readonly Meter _meter;
    private readonly TimeProvider _time;
    private readonly KeyValuePair<string, object?> _cacheTag;
    private readonly Histogram<double> _syncDuration;
    private readonly Counter<long> _staleReads;
    private readonly Counter<long> _forwardedWrites;
    private readonly Histogram<double> _forwardedWriteDuration;
    private volatile bool _isDisposed;

    /// <param name="factory">The application's, which then owns the meter; null for a meter of this object's own.</param>
    /// <param name="cacheName">Goes into the tag of every measurement.</param>
    /// <param name="time">Measures forwarded writes.</param>
    public CacheTelemetry(IMeterFactory? factory, string cacheName, TimeProvider time)
    {
        _time = time;
        _cacheTag = new(CacheNameTag, cacheName);

        // The tag stands on the meter, too: a meter is known by its name, version and tags, and two caches with one meter would end each other's instruments.
        var options = new MeterOptions(Name) { Version = Version, Tags = [_cacheTag] };
        _meter = factory?.Create(options) ?? new Meter(options);
        _syncDuration = _meter.CreateHistogram("embeddedrepl.sync.duration", "s", "Duration of full syncs.", advice: Buckets(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900));
        _staleReads = _meter.CreateCounter<long>("embeddedrepl.stale_reads.refused", "{read}", "Reads refused because the replica was staler than MaxStaleness.");
        _forwardedWrites = _meter.CreateCounter<long>("embeddedrepl.forwarded_writes", "{write}", "Writes that this replica sent to its master, by outcome.");
        _forwardedWriteDuration = _meter.CreateHistogram(
            "embeddedrepl.forwarded_write.duration", "s", "Time from a forwarded write to its outcome.", advice: Buckets(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 1, 10));
    }

    /// <summary>Whether anybody wants to hear of syncs. Runs no code of the application.</summary>
    public bool WantsSyncs => !_isDisposed && (_syncDuration.Enabled || Source.HasListeners());

    /// <summary>Whether anybody wants to hear of forwarded writes. Runs no code of the application.</summary>
    public bool WantsForwardedWrites => !_isDisposed && (_forwardedWrites.Enabled || _forwardedWriteDuration.Enabled || Source.HasListeners());

    /// <summary>Makes what the node knows observable. Once.</summary>
    /// <param name="describe">The node's description; called on threads of whoever collects, once for each instrument.</param>
    public void Observe(Func<ReplicationInfo> describe) => new ReplicationInstruments(_meter, _cacheTag, () => _isDisposed ? null : describe()).Create();

    /// <summary>
    /// Makes the counts of reads observable, by the names that .NET's memory cache has. This is where statistics of hits, misses and evictions are attached, once.
    /// </summary>
    /// <param name="count">The node's counts; called on threads of whoever collects.</param>
    public void ObserveCounts(Func<CacheCounts> count) => new CountInstruments(_meter, _cacheTag, () => _isDisposed ? null : count()).Create();

    /// <summary>A sync has ended: its duration, and an activity that is made afterwards.</summary>
    public void SyncEnded(SyncReport sync)
    {
        if (_isDisposed)
        {
            return;
        }

        string direction = sync.IsReceived ? "received" : "sent";
        string outcome = sync.Failure is null ? "completed" : "failed";
        if (sync.IsFull)
        {
            _syncDuration.Record(sync.Duration.TotalSeconds, _cacheTag, new(SyncTags.Direction, direction), new(SyncTags.Outcome, outcome));
        }

        using Activity? activity = Source.StartActivity(
            sync.IsFull ? "EmbeddedRepl.FullSync" : "EmbeddedRepl.PartialResync",
            sync.IsReceived ? ActivityKind.Client : ActivityKind.Server,
            parentContext: default,
            [_cacheTag, new(SyncTags.Direction, direction), new("network.peer.address", sync.Peer)],
            startTime: sync.EndedAt - sync.Duration);
        if (activity is not null)
        {
            if (sync.IsFull)
            {
                activity.SetTag("embeddedrepl.sync.entries", sync.Entries).SetTag("embeddedrepl.sync.bytes", sync.Bytes);
            }

            if (sync.Failure is { } failure)
            {
                activity.SetStatus(ActivityStatusCode.Error, failure);
            }

            activity.SetEndTime(sync.EndedAt.UtcDateTime);
        }
    }

    /// <summary>A read was refused because the replica is too stale.</summary>
    public void StaleReadRefused() => _staleReads.Add(1, _cacheTag);

    /// <summary>
    /// A replica is about to send a write to its master. The activity is a child of the caller's, and the caller's own until it ends. One write may be several operations; it is one call.
    /// </summary>
    public ObservedWrite BeginForwardedWrite() =>
        new(this, Source.StartActivity("EmbeddedRepl.ForwardedWrite", ActivityKind.Client, default(ActivityContext), [_cacheTag]), _time.GetTimestamp());

    /// <summary>See <see cref="ObservedWrite.End"/>.</summary>
    public void EndForwardedWrite(Activity? activity, long startedAt, ForwardedWriteOutcome outcome)
    {
        string text = outcome switch
        {
            ForwardedWriteOutcome.Applied => "applied",
            ForwardedWriteOutcome.Refused => "refused",
            ForwardedWriteOutcome.Unsent => "unsent",
            ForwardedWriteOutcome.Conflict => "conflict",
            _ => "unknown",
        };
        KeyValuePair<string, object?> tag = new("embeddedrepl.write.outcome", text);
        _forwardedWrites.Add(1, _cacheTag, tag);
        _forwardedWriteDuration.Record(_time.GetElapsedTime(startedAt).TotalSeconds, _cacheTag, tag);
        if (activity is not null)
        {
            activity.SetTag(tag.Key, text);
            if (outcome is not (ForwardedWriteOutcome.Applied or ForwardedWriteOutcome.Conflict))
            {
                activity.SetStatus(ActivityStatusCode.Error);
            }

            activity.Dispose();
        }
    }

    /// <summary>Unregisters the instruments. A meter that belongs to the application's factory stays until that is disposed of, and measures nothing more.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _meter.Dispose();
    }

    private static InstrumentAdvice<double> Buckets(params double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };
}
