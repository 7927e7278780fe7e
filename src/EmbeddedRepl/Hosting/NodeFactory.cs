using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Hosting;

/// <summary>Makes the replicated node that every service gets.</summary>
internal sealed class NodeFactory : INodeFactory
{
    public ICacheNode Create(ReplicatedCacheOptions options, TimeProvider time, ILoggerFactory loggers, CacheTelemetry telemetry) =>
        new ReplicatedNode(options, time, loggers, telemetry);
}
