using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class ReadinessTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    [Trait("Behaviour", "K1")]
    public void Replica_BeforeItsFirstSync_IsNotReadyAndThenStaysSo()
    {
        CoreNode master = CoreNode.Master(_time);
        master.Set("key", "value");
        CoreNode replica = CoreNode.Replica(_time);
        Task ready = replica.Core.Ready.Task;
        var pair = new CorePair(master, replica);
        while (pair.Link.State != ReplicationLinkState.ReceivingSnapshot)
        {
            pair.Step();
        }

        Assert.False(replica.Core.IsReady || ready.IsCompleted);
        pair.Pump();
        Assert.True(replica.Core.IsReady && ready.IsCompletedSuccessfully);
        pair.Break();
        Assert.True(replica.Core.IsReady && replica.Core.Ready.Task.IsCompletedSuccessfully);
    }

    [Fact]
    [Trait("Behaviour", "K1")]
    public void Master_AlsoOneThatRecovers_IsReady()
    {
        Assert.True(CoreNode.Master(_time).Core.Ready.Task.IsCompletedSuccessfully);
        CoreNode recovering = CoreNode.RecoveringMaster(_time);

        Assert.Equal((true, false), (recovering.Core.IsReady, recovering.Core.AcceptsWrites));
        Assert.True(recovering.Core.Ready.Task.IsCompletedSuccessfully);
    }

    [Fact]
    [Trait("Behaviour", "K1")]
    public void Node_ThatLoadsItsFile_IsReadyWhenThatIsThroughIfItIsAMaster()
    {
        var node = new CoreNode(_time);
        node.Core.BeginLoading(ReplicationRole.Master);
        Assert.False(node.Core.IsReady || node.Core.Ready.Task.IsCompleted);

        node.Core.FinishLoading(loaded: null, node.Now);

        Assert.True(node.Core.Ready.Task.IsCompletedSuccessfully);
    }

    [Fact]
    [Trait("Behaviour", "K2")]
    public async Task Node_StoppedBeforeItIsReady_ReleasesWhoeverWaits()
    {
        Task ready = StoppedReplica();

        Assert.True(ready.IsFaulted);
        Assert.Contains("before it held complete data", (await Assert.ThrowsAsync<NodeStoppedException>(() => ready)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "K2")]
    public void Node_StoppedWhenItWasReady_StaysSo()
    {
        CoreNode node = CoreNode.Master(_time);

        node.Core.Stop(node.Now);

        Assert.True(node.Core.Ready.Task.IsCompletedSuccessfully);
    }

    [Fact]
    [Trait("Behaviour", "K1")]
    public void Master_DemotedBeforeItHadAnyData_IsNotReadyAnyMore()
    {
        CoreNode node = CoreNode.RecoveringMaster(_time);

        node.Follow(isOrdered: true);

        Assert.False(node.Core.IsReady || node.Core.Ready.Task.IsCompleted);
        node.Core.Promote(force: true, node.Now);
        Assert.True(node.Core.Ready.Task.IsCompletedSuccessfully);
    }

    // A core is used by the thread that made it.
    private Task StoppedReplica()
    {
        CoreNode replica = CoreNode.Replica(_time);
        Task ready = replica.Core.Ready.Task;
        replica.Core.Stop(replica.Now);
        return ready;
    }
}
