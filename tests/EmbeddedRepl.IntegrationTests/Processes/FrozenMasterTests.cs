using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Processes;

public class FrozenMasterTests
{
    [UnixFact]
    [Trait("Behaviour", "G1")]
    public void Replica_MasterFrozenWhileStreaming_NoticesServesAndContinuesPartially()
    {
        using var log = new TraceLog();
        using ProcessNode master = ProcessNode.Master();
        master.Tell("set k 1000 100");
        using TestNode replica = TestNode.Replica(master.EndPoint, Impatient, log).WaitForStreaming();
        Comparison.WaitUntilEqual(replica, master);
        long before = replica.Info.ReplicationOffset;
        master.Tell("write w 100 100");
        replica.WaitFor(info => info.ReplicationOffset > before, "writes arrive");

        master.Freeze();
        replica.WaitUntil(() => log.Contains("Nothing was heard from the master for LinkTimeout"), () => log.Text);
        ReplicationInfo frozen = replica.Info;
        Assert.NotEqual(ReplicationLinkState.Streaming, frozen.LinkState);
        Assert.NotNull(frozen.LinkDownSince);
        Assert.True(frozen.IsReady);
        Assert.Equal(100, replica.Get("k 999")!.Length);
        replica.WaitUntil(() => log.Contains("did not finish the handshake in time"), () => "it keeps trying: " + log.Text);

        master.Thaw();
        Assert.True(long.Parse(master.Tell("pause"), System.Globalization.CultureInfo.InvariantCulture) > 0);
        Comparison.WaitUntilEqual(replica, master);

        // Equal it may be at once: if the master wrote nothing more before the pause, the replica has everything before it is back.
        replica.WaitFor(info => info.PartialResyncsCompleted >= 1, "it continues partially");
        Assert.Equal(1, replica.Info.FullSyncsCompleted);
        Assert.Equal((1L, 0L), (master.Info.SyncFull, master.Info.SyncPartialErr));
    }

    [UnixFact]
    [Trait("Behaviour", "G1")]
    public void Replica_MasterFrozenInHandshake_GivesUpInTimeAndSyncsAfterTheThaw()
    {
        using var log = new TraceLog();
        using ProcessNode master = ProcessNode.Master();
        master.Tell("set k 1000 100");
        string endPoint = master.EndPoint;

        // The system accepts connections for a process that does not run, so the replica's first frame meets silence.
        master.Freeze();
        using TestNode replica = TestNode.Replica(endPoint, Impatient, log);
        replica.WaitUntil(() => log.Contains("did not finish the handshake in time"), () => log.Text);
        Assert.False(replica.Info.IsReady);

        master.Thaw();
        replica.WaitForStreaming();
        Comparison.WaitUntilEqual(replica, master);
        Assert.Equal(1, master.Info.SyncFull);
    }

    [UnixFact]
    [Trait("Behaviour", "G1")]
    public void Replica_MasterFrozenInSnapshot_KeepsItsOldDataAndSyncsAfterTheThaw()
    {
        using var log = new TraceLog();
        using ProcessNode master = ProcessNode.Master();
        master.Tell("set k 30000 1000");
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 3);
        proxy.ToClient.BytesPerSecond = 2_000_000;
        using TestNode replica = TestNode.Master(Impatient, log);
        replica.Set("old", [1]);

        replica.Node.ReplicateFrom(proxy.EndPoint.ToString());
        replica.WaitFor(info => info.SyncReceivedBytes > 0, "the snapshot is under way");
        master.Freeze();
        proxy.ToClient.BytesPerSecond = 0;
        replica.WaitUntil(() => log.Contains("is discarded", "Nothing was heard from the master"), () => log.Text);
        Assert.Equal([1], replica.Get("old")!);
        Assert.Equal((1L, 0L), (replica.Info.EntryCount, replica.Info.FullSyncsCompleted));

        master.Thaw();
        replica.WaitForStreaming();
        Comparison.WaitUntilEqual(replica, master);
        Assert.Null(replica.Get("old"));
        Assert.Equal((30_000L, 1L), (replica.Info.EntryCount, replica.Info.FullSyncsCompleted));
    }

    private static void Impatient(ReplicatedCacheOptions options)
    {
        options.LinkTimeout = TimeSpan.FromSeconds(1);
        options.HandshakeTimeout = TimeSpan.FromMilliseconds(500);
    }
}
