using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Tests.Replication;

public sealed class SendPolicyTests
{
    private static readonly NodeSettings Settings = new() { ReplicaOutputLimit = 8_000 };

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(999, 1)]
    [InlineData(1_000, 4)]
    [InlineData(3_999, 4)]
    [InlineData(4_000, 64)]
    [InlineData(1_000_000, 64)]
    public void IsSnapshotNext_TheMoreWaits_TheMoreStreamGoesBetweenTwoPiecesOfSnapshot(long pending, int streamChunks)
    {
        SendPolicy policy = default;
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < streamChunks; i++)
            {
                Assert.False(policy.IsSnapshotNext(pending, Settings));
            }

            Assert.True(policy.IsSnapshotNext(pending, Settings));
        }
    }
}
