using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class NodeTopologyTests
{
    [Fact]
    [Trait("Behaviour", "I6")]
    public void NeitherRoleNorMaster_IsAStandAloneMasterThatDoesNotListen()
    {
        NodeTopology topology = NodeTopology.Of(new ReplicatedCacheOptions());

        Assert.Equal(ReplicationRole.Master, topology.Role);
        Assert.True(topology.IsStandAlone);
        Assert.Null(topology.Master);
        Assert.Empty(topology.Listen);
    }

    [Fact]
    [Trait("Behaviour", "I6")]
    public void NeitherRoleNorMasterButListen_StillDoesNotListen()
    {
        var options = new ReplicatedCacheOptions();
        options.Listen.Add("*:7000");

        Assert.Empty(NodeTopology.Of(options).Listen);
    }

    [Fact]
    [Trait("Behaviour", "I6")]
    public void MasterWithoutRole_IsAReplicaThatDoesNotListen()
    {
        NodeTopology topology = NodeTopology.Of(new ReplicatedCacheOptions { Master = " 10.0.0.5:6390 " });

        Assert.Equal(ReplicationRole.Replica, topology.Role);
        Assert.False(topology.IsStandAlone);
        Assert.Equal("10.0.0.5:6390", topology.Master);
        Assert.Empty(topology.Listen);
    }

    [Fact]
    public void RoleMasterWithoutListen_ListensOnThisMachineOnly()
    {
        NodeTopology topology = NodeTopology.Of(new ReplicatedCacheOptions { Role = ReplicationRole.Master });

        Assert.False(topology.IsStandAlone);
        Assert.Equal(["127.0.0.1:6390"], topology.Listen);
    }

    [Fact]
    public void BlankMaster_CountsAsNone()
    {
        Assert.True(NodeTopology.Of(new ReplicatedCacheOptions { Master = "  " }).IsStandAlone);
    }

    [Fact]
    public void ListenTwiceTheSame_IsListenedOnOnce()
    {
        var options = new ReplicatedCacheOptions { Role = ReplicationRole.Master };
        options.Listen.Add("node-1:7000");
        options.Listen.Add("Node-1:7000");
        options.Listen.Add("node-1:7001");

        Assert.Equal(["node-1:7000", "node-1:7001"], NodeTopology.Of(options).Listen);
    }

    [Fact]
    public void ReplicaToldToListen_Listens()
    {
        var options = new ReplicatedCacheOptions { Master = "10.0.0.5" };
        options.Listen.Add("*:7000");

        Assert.Equal(["*:7000"], NodeTopology.Of(options).Listen);
    }
}
