using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.NodeProcess;

namespace EmbeddedRepl.IntegrationTests.Processes;

/// <summary>Waits until a node in this process and one in another have the same history and offset, and fails if their data then differ.</summary>
internal static class Comparison
{
    public static void WaitUntilEqual(TestNode own, ProcessNode other)
    {
        NodeStatus status = other.Info;
        own.WaitUntil(
            () =>
            {
                status = other.Info;
                return own.Info.ReplicationId.ToString() == status.Id && own.Info.ReplicationOffset == status.Offset;
            },
            () => $"same id and offset: {own.Info} and {status}\n{other.Log}");
        Assert.Equal(status.Digest, own.Info.Digest);
        Assert.Equal(status.EntryCount, own.Info.EntryCount);
        Assert.True(status.EntryCount > 0);
        Assert.Equal(0, status.DigestMismatches + own.Info.DigestMismatches);
    }
}
