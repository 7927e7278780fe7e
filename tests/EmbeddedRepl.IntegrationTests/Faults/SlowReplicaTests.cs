using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.IntegrationTests.Faults;

public class SlowReplicaTests
{
    [Fact]
    [Trait("Behaviour", "G4")]
    public void Master_OneReplicaTakesTheSnapshotSlowly_ServesTheOthersAndSendsInWholeChunks()
    {
        using TestNode master = TestNode.Master(Patient);
        for (int i = 0; i < 20_000; i++)
        {
            master.Set($"k {i}", new byte[1_000]);
        }

        TestConnection? slowConnection = null;
        using var listener = new TestListener(connection =>
        {
            slowConnection = new TestConnection(connection);
            master.Node.Runtime.RunSession(slowConnection);
        });
        using var proxy = new FaultProxy(listener.EndPoint, seed: 4);
        proxy.ToClient.BytesPerSecond = 500_000;
        using TestNode slow = TestNode.Replica(proxy.EndPoint.ToString(), Patient);
        slow.WaitFor(info => info.SyncReceivedBytes > 0, "the slow snapshot is under way");

        for (int i = 0; i < 3; i++)
        {
            using TestNode other = TestNode.Replica(master.EndPoint).WaitForStreaming();
            other.WaitUntilEqualTo(master);
        }

        Assert.Equal(ReplicationLinkState.ReceivingSnapshot, slow.Info.LinkState);
        AssertWritesAreFew(slowConnection!);
        proxy.ToClient.BytesPerSecond = 0;
        slow.WaitForStreaming().WaitUntilEqualTo(master);
        AssertWritesAreFew(slowConnection!);
        Assert.Equal((4L, 0L, 0L), (master.Info.SyncFull, master.Info.SyncPartialOk, master.Info.OutputLimitDisconnects));
    }

    [Fact]
    [Trait("Behaviour", "G4")]
    public void Master_SlowReplicaAndOnlyOneFullSyncAtATime_WaitingReplicasAreToldAndFinishAfterIt()
    {
        using TestNode master = TestNode.Master(options =>
        {
            Patient(options);
            options.MaxConcurrentFullSyncs = 1;
        });
        for (int i = 0; i < 5_000; i++)
        {
            master.Set($"k {i}", new byte[1_000]);
        }

        using var proxy = new FaultProxy(Transport.HostEndPoint.Parse(master.EndPoint), seed: 5);
        proxy.ToClient.BytesPerSecond = 500_000;
        using TestNode slow = TestNode.Replica(proxy.EndPoint.ToString(), Patient);
        slow.WaitFor(info => info.SyncReceivedBytes > 0, "the slow snapshot is under way");
        using TestNode waiting = TestNode.Replica(master.EndPoint, Patient);
        master.WaitFor(info => info.Replicas.Any(replica => replica.State == ReplicaSessionState.WaitingForSnapshot), "the other one waits");
        Assert.Equal(1, master.Info.SyncFull);

        proxy.ToClient.BytesPerSecond = 0;

        waiting.WaitForStreaming().WaitUntilEqualTo(master);
        slow.WaitForStreaming().WaitUntilEqualTo(master);
        Assert.Equal(2, master.Info.SyncFull);
    }

    /// <summary>What is slow here is slow because of full buffers, not because anybody is away.</summary>
    private static void Patient(ReplicatedCacheOptions options) => options.LinkTimeout = TimeSpan.FromMinutes(1);

    /// <summary>
    /// A sender that waits for a slow peer waits in the write or for a signal. One that spins, or cuts the snapshot into
    /// small pieces, writes more often than once per half a chunk plus the control frames: a heartbeat and its digest five times a second.
    /// </summary>
    private static void AssertWritesAreFew(TestConnection connection)
    {
        long chunks = connection.BytesWritten / new NodeSettings().ChunkSize;
        Assert.InRange(connection.Writes, 1, (2 * chunks) + 400);
    }
}
