using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Hosting;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.NodeProcess;

/// <summary>Makes the node that every service gets, and listens in on its syncs.</summary>
internal sealed class RecordingNodeFactory : INodeFactory
{
    /// <summary>What was heard of the node; null before it is made.</summary>
    public SyncRecorder? Recorder { get; private set; }

    /// <summary>The node; null before it is made.</summary>
    public NodeCore? Core { get; private set; }

    public ICacheNode Create(ReplicatedCacheOptions options, TimeProvider time, ILoggerFactory loggers, CacheTelemetry telemetry)
    {
        var node = new ReplicatedNode(options, time, loggers, telemetry);
        Core = node.Core;
        Recorder = SyncRecorder.Attach(node.Core);
        return node;
    }
}
