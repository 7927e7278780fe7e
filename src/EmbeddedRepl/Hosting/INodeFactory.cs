using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Hosting;

/// <summary>Makes the node behind a cache. Exists so that the registration can be tested, and the contract proved, on other nodes.</summary>
internal interface INodeFactory
{
    /// <summary>Makes a node that is not started yet. Called once for each cache; may be called for several caches at a time.</summary>
    /// <param name="options">Validated; not changed afterwards.</param>
    /// <param name="time">The only clock that the node may use.</param>
    /// <param name="loggers">Never null; without logging registered, it logs nowhere.</param>
    /// <param name="telemetry">Hears of what is not in the node's description: syncs with their durations.</param>
    /// <returns>A node that belongs to the caller.</returns>
    ICacheNode Create(ReplicatedCacheOptions options, TimeProvider time, ILoggerFactory loggers, CacheTelemetry telemetry);
}
