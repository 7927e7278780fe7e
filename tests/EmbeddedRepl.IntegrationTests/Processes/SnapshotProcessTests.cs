using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.IntegrationTests.Processes;

public sealed class SnapshotProcessTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Behaviour", "H5")]
    [Trait("Behaviour", "G3")]
    public void Master_KilledWhileItSavesAgainAndAgain_AlwaysComesBackWithAWholeFile()
    {
        var random = new Random(1);
        long entries = 0;
        for (int life = 0; life < 6; life++)
        {
            using ProcessNode node = ProcessNode.Master($"SnapshotDirectory={_folder["master"]}");
            Assert.True(node.Info.EntryCount >= entries, "An entry of an earlier save is gone.");
            node.Tell("set filler 500 2000");
            node.Tell("save");
            entries = node.Info.EntryCount;
            long saves = node.Info.Saves;
            node.Tell("write key 1000 500");
            node.Tell("saves");
            node.WaitFor(status => status.Saves > saves, "it saves in the background");
            for (int i = random.Next(20); i > 0; i--)
            {
                // The time of an answer is as good as any other, and differs from run to run.
                node.Tell("digest");
            }

            node.Kill();
        }

        using ProcessNode last = ProcessNode.Master($"SnapshotDirectory={_folder["master"]}");
        Assert.True(last.Info.EntryCount >= entries);
        Assert.DoesNotContain(Directory.GetFiles(_folder["master"]), file => file.Contains(".tmp-", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Behaviour", "H1")]
    [Trait("Behaviour", "H7")]
    public void Replica_KilledAfterItsFirstSyncAndRestarted_ContinuesPartially()
    {
        using ProcessNode master = ProcessNode.Master();
        master.Tell("set key 2000 100");
        string[] settings = [$"SnapshotDirectory={_folder["replica"]}", "SnapshotInterval=00:00:00"];
        using (ProcessNode replica = ProcessNode.Replica(master.EndPoint, settings))
        {
            replica.WaitFor(status => status.Saves == 1, "the first sync is saved");
            replica.Kill();
        }

        master.Tell("set meanwhile 100 100");
        using ProcessNode restarted = ProcessNode.Replica(master.EndPoint, settings).WaitForStreaming();

        NodeStatus info = master.Info;
        restarted.WaitFor(status => status.Offset == info.Offset, "the replica has what it missed");
        Assert.Equal((1, 1, 0), (info.SyncFull, info.SyncPartialOk, info.SyncPartialErr));
        Assert.Equal(info.Digest, restarted.Info.Digest);
        Assert.Equal((0, 1), (restarted.Info.FullSyncsCompleted, restarted.Info.PartialResyncsCompleted));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Behaviour", "D7")]
    public void Master_RestartedWithItsSnapshot_ReplicaAndSubReplicaContinuePartially(bool isGraceful)
    {
        string[] settings = ["Role=Master", $"Listen:0=127.0.0.1:{FreePort.Next()}", $"SnapshotDirectory={_folder["master"]}"];
        using ProcessNode master = ProcessNode.Start(settings);
        master.Tell("set key 2000 100");
        using ProcessNode replica = ProcessNode.Replica(master.EndPoint, "Listen:0=127.0.0.1:0").WaitForStreaming();
        using ProcessNode subReplica = ProcessNode.Replica(replica.EndPoint).WaitForStreaming();
        master.Tell("set more 100 100");
        NodeStatus before = master.Info;
        subReplica.WaitFor(status => status.Offset == before.Offset, "the sub-replica has everything");
        if (isGraceful)
        {
            master.Stop();
        }
        else
        {
            master.Tell("save");
            master.Kill();
        }

        using ProcessNode restarted = ProcessNode.Start(settings);
        Assert.Equal((before.EntryCount, before.Digest), (restarted.Info.EntryCount, restarted.Info.Digest));
        Assert.NotEqual(before.Id, restarted.Info.Id);
        restarted.Tell("set after 100 100");
        NodeStatus after = restarted.Info;
        subReplica.WaitFor(status => status.Offset == after.Offset && status.Id == after.Id, "the sub-replica follows the new id");

        Assert.Equal(after.Digest, subReplica.Info.Digest);
        Assert.Equal((0, 1), (restarted.Info.SyncFull, restarted.Info.SyncPartialOk));
        Assert.Equal((1, 1), (replica.Info.FullSyncsCompleted, replica.Info.SyncFull));
        Assert.Equal(1, subReplica.Info.FullSyncsCompleted);
    }
}
