using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Processes;

public class FrozenReplicaTests
{
    [UnixFact]
    [Trait("Behaviour", "G2")]
    public void Master_ReplicaFrozenWhileStreaming_DropsItAloneAndLaterContinues()
    {
        using var log = new TraceLog();
        using TestNode master = StartMaster(log);
        using TestNode other = TestNode.Replica(master.EndPoint).WaitForStreaming();
        using ProcessNode frozen = ProcessNode.Replica(master.EndPoint).WaitForStreaming();
        using (var writer = new Writer(master))
        {
            writer.WaitForMore(master, 10);

            frozen.Freeze();
            WaitUntilDropped(master, writer, log, "Nothing was heard from the replica for LinkTimeout", sessions: 1);
            Assert.Single(master.Info.Replicas);
            frozen.Thaw();
            frozen.WaitForStreaming();
        }

        AssertAllEqual(master, other, frozen);
        Assert.Equal((1L, 1L), (frozen.Info.FullSyncsCompleted, frozen.Info.PartialResyncsCompleted));
        Assert.Equal((2L, 1L), (master.Info.SyncFull, master.Info.SyncPartialOk));
    }

    [UnixFact]
    [Trait("Behaviour", "G2")]
    public void Master_ReplicaFrozenInHandshake_DropsItAlone()
    {
        using var log = new TraceLog();
        using TestNode master = StartMaster(log);
        using TestNode other = TestNode.Replica(master.EndPoint).WaitForStreaming();
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 4);
        proxy.ToClient.IsStalled = true;
        using ProcessNode frozen = ProcessNode.Replica(proxy.EndPoint.ToString(), "HandshakeTimeout=00:01:00");
        master.WaitUntil(() => proxy.Statistics.BytesToTarget > 0, () => "the replica has said its first word");
        using (var writer = new Writer(master))
        {
            frozen.Freeze();
            proxy.ToClient.IsStalled = false;
            WaitUntilDropped(master, writer, log, "The handshake was not finished in time", sessions: 1);
            frozen.Thaw();
            frozen.WaitForStreaming();
        }

        AssertAllEqual(master, other, frozen);
        Assert.Equal((2L, 0L), (master.Info.SyncFull, master.Info.SyncPartialOk));
    }

    [UnixFact]
    [Trait("Behaviour", "G2")]
    public void Master_ReplicaFrozenInSnapshot_DropsItAlone()
    {
        using var log = new TraceLog();
        using TestNode master = StartMaster(log);
        for (int i = 0; i < 30_000; i++)
        {
            master.Set($"k {i}", new byte[1000]);
        }

        using TestNode other = TestNode.Replica(master.EndPoint).WaitForStreaming();
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 5);
        proxy.ToClient.BytesPerSecond = 2_000_000;
        using ProcessNode frozen = ProcessNode.Replica(proxy.EndPoint.ToString());
        frozen.WaitFor(status => status.SyncReceivedBytes > 0, "the snapshot is under way");
        using (var writer = new Writer(master))
        {
            frozen.Freeze();
            WaitUntilDropped(master, writer, log, "Nothing was heard from the replica for LinkTimeout", sessions: 1);
            proxy.ToClient.BytesPerSecond = 0;
            frozen.Thaw();
            frozen.WaitForStreaming();
        }

        AssertAllEqual(master, other, frozen);
        Assert.Equal(1, frozen.Info.FullSyncsCompleted);
        Assert.Equal((3L, 0L), (master.Info.SyncFull, master.Info.SyncPartialOk));
    }

    private static TestNode StartMaster(TraceLog log) => TestNode.Master(
        options =>
        {
            options.LinkTimeout = TimeSpan.FromSeconds(1);
            options.HandshakeTimeout = TimeSpan.FromSeconds(1);
        },
        log);

    /// <summary>Waits for the drop, and for writers that go on before, during and after it.</summary>
    private static void WaitUntilDropped(TestNode master, Writer writer, TraceLog log, string reason, int sessions)
    {
        writer.WaitForMore(master, 10);
        master.WaitUntil(() => log.Contains("Information 1606", reason), () => log.Text);
        writer.WaitForMore(master, 10);
        master.WaitUntil(() => master.Node.Runtime.OpenSessions == sessions, () => "its threads are gone, too");
    }

    private static void AssertAllEqual(TestNode master, TestNode other, ProcessNode frozen)
    {
        other.WaitUntilEqualTo(master);
        Comparison.WaitUntilEqual(master, frozen);
        Assert.Equal((1L, 0L), (other.Info.FullSyncsCompleted, other.Info.PartialResyncsCompleted));
    }
}
