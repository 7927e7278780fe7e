using System.Text;

namespace EmbeddedRepl.IntegrationTests.Nodes;

public class FirstSyncTests
{
    [Fact]
    [Trait("Behaviour", "A1")]
    public void Replica_MasterUnreachable_HasItsRoleAtOnceAndItsLinkDown()
    {
        using TestNode replica = TestNode.Replica("127.0.0.1:1");

        ReplicationInfo info = replica.Info;

        Assert.Equal(ReplicationRole.Replica, info.Role);
        Assert.NotEqual(ReplicationLinkState.Streaming, info.LinkState);
        Assert.NotNull(info.LinkDownSince);
        Assert.False(info.IsReady);
    }

    [Fact]
    [Trait("Behaviour", "A2")]
    public void Replica_MasterHasData_GetsAllOfItByOneFullSync()
    {
        using TestNode master = TestNode.Master();
        for (int i = 0; i < 10_000; i++)
        {
            master.Set($"key {i}", Encoding.UTF8.GetBytes($"value {i}"));
        }

        using TestNode replica = TestNode.Replica(master.EndPoint).WaitForStreaming();

        replica.WaitUntilEqualTo(master);
        Assert.Equal(10_000, replica.Info.EntryCount);
        Assert.Equal("value 4711", Encoding.UTF8.GetString(replica.Get("key 4711")!));
        Assert.Equal((1, 0, 0), (master.Info.SyncFull, master.Info.SyncPartialOk, master.Info.SyncPartialErr));
    }

    [Fact]
    [Trait("Behaviour", "A3")]
    public void Replica_WriteAfterSync_BecomesVisible()
    {
        using TestNode master = TestNode.Master();
        using TestNode replica = TestNode.Replica(master.EndPoint).WaitForStreaming();

        master.Set("k", [1, 2, 3]);

        replica.WaitUntil(() => replica.Get("k") is not null, () => "the write is visible");
        Assert.Equal([1, 2, 3], replica.Get("k")!);
        master.Node.Remove("k");
        replica.WaitUntil(() => replica.Get("k") is null, () => "the removal is visible");
        Assert.Equal(1, master.Info.SyncFull);
    }
}
