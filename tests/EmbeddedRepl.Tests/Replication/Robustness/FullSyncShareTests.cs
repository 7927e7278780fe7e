using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Tests.Replication.Robustness;

public sealed class FullSyncShareTests
{
    [Fact]
    [Trait("Behaviour", "A10")]
    public void IsSnapshotNext_SoftLimitIsReached_StreamGetsItsLargestShare()
    {
        // A link that carries the stream at nine tenths of its speed lets a backlog grow until the stream's share is that large.
        // If that were beyond the soft limit, the replica would be dropped after the limit's time, in every full sync anew.
        var settings = new NodeSettings { BacklogSize = 1 << 20, ReplicaOutputLimit = 256 << 20, ReplicaOutputSoftLimit = 64 << 20 };
        SendPolicy policy = default;
        int streamChunks = 0;
        while (!policy.IsSnapshotNext(settings.ReplicaOutputSoftLimit, settings))
        {
            streamChunks++;
        }

        Assert.Equal(64, streamChunks);
    }
}
