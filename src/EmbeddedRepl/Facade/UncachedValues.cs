using EmbeddedRepl.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Facade;

/// <summary>Warns that values are computed and not cached, once a minute at most: this happens to every call while the cluster is degraded. Thread-safe.</summary>
internal sealed class UncachedValues(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long _count;
    private long? _lastTold;

    /// <summary>A value could not be written.</summary>
    public void Report(ReplicatedCacheException reason)
    {
        long count;
        lock (_lock)
        {
            _count++;
            long now = time.GetTimestamp();
            if (_lastTold is { } last && time.GetElapsedTime(last, now) < Interval)
            {
                return;
            }

            _lastTold = now;
            count = _count;
            _count = 0;
        }

        logger.ValuesNotCached(count, reason.GetType().Name, reason.Message);
    }
}
