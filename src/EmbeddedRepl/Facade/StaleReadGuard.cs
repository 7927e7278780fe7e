using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Facade;

/// <summary>Refuses reads on a replica that is too stale. Exists only if the options say so. Thread-safe; reads a clock and one number.</summary>
internal sealed class StaleReadGuard
{
    private readonly ICacheNode _node;
    private readonly TimeSpan _maxStaleness;
    private readonly bool _throws;
    private readonly CacheTelemetry? _telemetry;

    private StaleReadGuard(ICacheNode node, TimeSpan maxStaleness, bool throws, CacheTelemetry? telemetry)
    {
        _node = node;
        _maxStaleness = maxStaleness;
        _throws = throws;
        _telemetry = telemetry;
    }

    /// <summary>The guard that the options ask for; null if reads are served whatever happens.</summary>
    public static StaleReadGuard? Of(ReplicatedCacheOptions options, ICacheNode node, CacheTelemetry? telemetry) =>
        options.MaxStaleness > TimeSpan.Zero && options.StaleReads != StaleReadBehavior.Serve
            ? new StaleReadGuard(node, options.MaxStaleness, options.StaleReads == StaleReadBehavior.Throw, telemetry)
            : null;

    /// <summary>Whether a read must be a miss.</summary>
    /// <exception cref="StaleReplicaException">The replica is too stale, and reads throw then.</exception>
    public bool Refuses()
    {
        if (_node.IsFresherThan(_maxStaleness))
        {
            return false;
        }

        _telemetry?.StaleReadRefused();
        return _throws ? throw new StaleReplicaException(_node.Staleness, _maxStaleness) : true;
    }
}
