using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Snapshots;

public sealed class RestartTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemorySnapshotDisk _disk = new();

    [Fact]
    [Trait("Behaviour", "H1")]
    public void Replica_RestartedWithItsFile_ContinuesPartially()
    {
        (CoreNode master, CoreNode replica) = Synced();
        replica.Save(_disk);
        master.Set("meanwhile", "value");

        CoreNode restarted = _disk.RestartReplica(_time);
        Connect(master, restarted);

        Assert.Equal((1, 1, 0), (master.Counters.SyncFull, master.Counters.SyncPartialOk, master.Counters.SyncPartialErr));
        Assert.Equal("value", restarted.GetText("meanwhile"));
        Assert.Equal((master.Digest, master.Offset), (restarted.Digest, restarted.Offset));
    }

    [Fact]
    [Trait("Behaviour", "D7")]
    public void Master_RestartedWithItsFile_TakesANewIdAndReplicasContinuePartially()
    {
        (CoreNode master, CoreNode replica) = Synced();
        ReplicationId old = master.Core.Data.History.Id;
        master.Save(_disk);
        long end = master.Offset;

        CoreNode restarted = _disk.RestartMaster(_time);
        ReplicationHistory history = restarted.Core.Data.History;
        restarted.Set("new", "value");
        replica.Follow();
        Connect(restarted, replica);

        Assert.NotEqual(old, history.Id);
        Assert.Equal(new Ancestor(old, end, AncestorEnd.Restart), history.Ancestors[0]);
        Assert.Equal(master.Core.Data.History.OriginId, history.OriginId);
        Assert.Equal((0, 1), (restarted.Counters.SyncFull, restarted.Counters.SyncPartialOk));
        Assert.Equal(history.Id, replica.Core.Data.History.Id);
        Assert.Equal("value", replica.GetText("new"));
        Assert.Equal((restarted.Digest, restarted.Offset), (replica.Digest, replica.Offset));
    }

    [Fact]
    [Trait("Behaviour", "D7")]
    public void Master_RestartedWithAFileOlderThanItsReplica_IsRefusedAndTheReplicaKeepsItsData()
    {
        (CoreNode master, CoreNode replica) = Synced();
        master.Save(_disk);
        var pair = Connect(master, replica, fresh: true);
        master.Set("after the save", "value");
        pair.Pump();
        Assert.Equal("value", replica.GetText("after the save"));

        CoreNode restarted = _disk.RestartMaster(_time);
        replica.Follow();
        Connect(restarted, replica);

        Assert.Equal(0, restarted.Counters.SyncFull);
        Assert.Equal("value", replica.GetText("after the save"));
        Assert.NotNull(replica.Core.Upstream!.Refusal);
    }

    [Fact]
    [Trait("Behaviour", "E9")]
    public void Replica_RestartedAfterEntriesExpired_KeepsThemUntilTheMasterRemovesThem()
    {
        CoreNode master = CoreNode.Master(_time);
        long now = master.Now.UtcMilliseconds;
        master.Set("short", [1], new EntryExpiration(now + 1_000, 0, 0));
        master.Set("sliding", [2], new EntryExpiration(now + 1_000, 1_000, 0));
        master.Set("for ever", "value");
        CoreNode replica = CoreNode.Replica(_time);
        Connect(master, replica);
        replica.Save(_disk);
        _time.Advance(TimeSpan.FromSeconds(5));

        CoreNode restarted = _disk.RestartReplica(_time);
        var housekeeping = new Housekeeping(restarted.Core);
        housekeeping.Run(restarted.Now);

        Assert.Equal(3, restarted.Core.Data.Store.Count);
        Assert.Null(restarted.Get("short"));

        Connect(master, restarted).Pump();
        Assert.Equal(1, master.Counters.SyncFull);
        new Housekeeping(master.Core).Run(master.Now);
        Connect(master, restarted, fresh: true).Pump();
        Assert.Equal(1, restarted.Core.Data.Store.Count);
        Assert.Equal((master.Digest, master.Offset), (restarted.Digest, restarted.Offset));
        Assert.Equal(1, master.Counters.SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "E10")]
    public void Master_RestartedAfterEntriesExpired_RemovesThemThroughTheStreamAndReplicasContinuePartially()
    {
        CoreNode master = CoreNode.Master(_time);
        master.Set("short", [1], new EntryExpiration(master.Now.UtcMilliseconds + 1_000, 0, 0));
        master.Set("for ever", "value");
        CoreNode replica = CoreNode.Replica(_time);
        Connect(master, replica);
        master.Save(_disk);
        _time.Advance(TimeSpan.FromSeconds(5));

        CoreNode restarted = _disk.RestartMaster(_time);
        long loadedAt = restarted.Offset;
        Assert.Equal(2, restarted.Core.Data.Store.Count);
        Assert.Null(restarted.Get("short"));
        new Housekeeping(restarted.Core).Run(restarted.Now);
        Assert.True(restarted.Offset > loadedAt, "The removal is a record of the stream.");
        replica.Follow();
        Connect(restarted, replica);

        Assert.Equal((0, 1), (restarted.Counters.SyncFull, restarted.Counters.SyncPartialOk));
        Assert.Equal(1, replica.Core.Data.Store.Count);
        Assert.Equal((restarted.Digest, restarted.Offset), (replica.Digest, replica.Offset));
    }

    [Fact]
    public void Node_WhileItLoads_AnswersNotNowAndRefusesWritesAndPromotion()
    {
        var node = new CoreNode(_time);
        node.Core.BeginLoading(ReplicationRole.Master);

        var peer = new ScriptedReplica(node);
        peer.ShakeHands();
        peer.Ask(ReplicationHistory.None, 0);
        NotNowFrame answer = peer.Take().First(frame => frame.Type == FrameType.NotNow).Read<NotNowFrame>();

        Assert.Equal(NotNowReason.Loading, answer.Reason);
        Assert.Contains("snapshot file", answer.Message, StringComparison.Ordinal);
        Assert.Throws<ReplicatedCacheException>(() => node.Set("key", "value"));
        var replica = new CoreNode(_time);
        replica.Core.BeginLoading(ReplicationRole.Replica);
        Assert.Contains("loading", Assert.Throws<ReplicatedCacheException>(() => replica.Core.Promote(force: true, replica.Now)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replica_ConfiguredMasterIsTheOneOfTheFile_IsNotOrdered()
    {
        (_, CoreNode replica) = Synced();
        replica.Save(_disk);

        CoreNode restarted = _disk.RestartReplica(_time);

        Assert.Equal("master:6390", restarted.Core.LastFollowedMaster);
        Assert.False(restarted.Core.Upstream!.IsOrdered);
    }

    [Fact]
    public void Replica_ConfiguredMasterIsAnotherThanThatOfTheFile_IsOrderedUntilItHasSynced()
    {
        (_, CoreNode replica) = Synced();
        replica.Save(_disk);
        CoreNode other = CoreNode.Master(_time, seed: 4);
        other.Set("other", "data");

        CoreNode restarted = Restart("elsewhere:6390");
        Assert.True(restarted.Core.Upstream!.IsOrdered);

        // The order is not fulfilled, so another restart does not forget it.
        restarted.Save(_disk);
        restarted = Restart("elsewhere:6390");
        Assert.True(restarted.Core.Upstream!.IsOrdered);

        Connect(other, restarted);
        Assert.Equal("data", restarted.GetText("other"));
        restarted.Save(_disk);
        Assert.False(Restart("elsewhere:6390").Core.Upstream!.IsOrdered);
    }

    [Fact]
    public void Replica_PromotedSinceAndRestartedInItsConfiguredRole_IsNotOrderedToLoseItsWrites()
    {
        (CoreNode master, CoreNode replica) = Synced();
        replica.Core.Promote(force: false, replica.Now);
        replica.Set("as master", "value");
        replica.Save(_disk);

        CoreNode restarted = _disk.RestartReplica(_time);
        Connect(master, restarted);

        Assert.Equal("value", restarted.GetText("as master"));
        Assert.Equal(1, master.Counters.SyncFull);
    }

    private static CorePair Connect(CoreNode master, CoreNode replica, bool fresh = false)
    {
        if (fresh)
        {
            replica.Follow();
        }

        var pair = new CorePair(master, replica);
        pair.Pump();
        return pair;
    }

    private (CoreNode Master, CoreNode Replica) Synced()
    {
        CoreNode master = CoreNode.Master(_time);
        for (int i = 0; i < 100; i++)
        {
            master.Set($"key {i}", $"value {i}");
        }

        CoreNode replica = CoreNode.Replica(_time);
        Connect(master, replica);
        Assert.Equal(master.Digest, replica.Digest);
        return (master, replica);
    }

    private CoreNode Restart(string master)
    {
        var node = new CoreNode(_time, seed: 13);
        node.Core.BeginLoading(ReplicationRole.Replica);
        node.Core.BeginAsReplica(master, isOrdered: false, node.ConnectSignal, node.Now);
        node.Core.FinishLoading(node.Read(_disk), node.Now);
        return node;
    }
}
