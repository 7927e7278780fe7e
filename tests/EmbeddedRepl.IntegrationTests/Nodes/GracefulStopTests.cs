using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

public class GracefulStopTests
{
    private const int HadEverything = 1610;
    private const int Lacked = 1611;
    private const int Stopped = 1003;

    [Fact]
    [Trait("Behaviour", "H4")]
    public void Stop_ReplicaLags_WaitsForItRefusesWritesAndLogsWhoHadEverything()
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(loggers: log);
        using TestNode quick = TestNode.Replica(master.EndPoint).WaitForStreaming();
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 7);
        using TestNode slow = TestNode.Replica(proxy.EndPoint.ToString()).WaitForStreaming();
        proxy.ToClient.IsStalled = true;
        master.Fill(100, 100);
        var stop = new Thread(() => master.Node.Stop(TestNode.Patience));
        stop.Start();

        master.WaitFor(info => !info.AcceptsWrites, "the node takes no more writes");
        Assert.Throws<NodeStoppedException>(() => master.Set("key", [1]));
        Assert.NotNull(master.Get("key 1"));
        quick.WaitUntilEqualTo(master);
        Assert.True(stop.IsAlive);
        Assert.Equal(0, log.CountOf(Stopped));
        proxy.ToClient.IsStalled = false;

        Assert.True(stop.Join(TestNode.Patience));
        slow.WaitUntilEqualTo(master);
        Assert.Equal((2, 0), (log.CountOf(HadEverything), log.CountOf(Lacked)));
        Assert.True(log.Contains("Information 1003", "2 of 2 replicas had everything"), log.Text);
    }

    [Fact]
    [Trait("Behaviour", "H4")]
    public void Stop_ReplicaLagsForTooLong_IsCutAndNamedWithWhatItLacks()
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(loggers: log);
        using TestNode quick = TestNode.Replica(master.EndPoint).WaitForStreaming();
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 8);
        using TestNode slow = TestNode.Replica(proxy.EndPoint.ToString()).WaitForStreaming();
        proxy.ToClient.IsStalled = true;
        master.Fill(100, 100);
        quick.WaitUntilEqualTo(master);
        master.WaitFor(info => info.Replicas.Count(replica => replica.LagBytes == 0) == 1, "one has acknowledged everything");
        long lag = master.Info.Replicas.Max(replica => replica.LagBytes);

        master.Node.Stop(TimeSpan.FromMilliseconds(100));

        Assert.Equal((1, 1), (log.CountOf(HadEverything), log.CountOf(Lacked)));
        Assert.True(log.Contains("Warning 1611", $"lacked {lag} bytes"), log.Text);
        Assert.True(log.Contains("Information 1003", "1 of 2 replicas had everything"), log.Text);
    }

    [Fact]
    [Trait("Behaviour", "H4")]
    public void Stop_OnlyReplicaIsInItsFullSync_WaitsUntilItServes()
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(loggers: log).Fill(20_000, 500);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 9);
        proxy.ToClient.BytesPerSecond = 4 << 20;
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString());
        replica.WaitFor(info => info.SyncReceivedBytes > 0, "the snapshot is under way");

        master.Node.Stop(TestNode.Patience);

        Assert.Equal((true, master.Info.ReplicationOffset, 20_000), (replica.Info.IsReady, replica.Info.ReplicationOffset, replica.Info.EntryCount));
        Assert.Equal(1, log.CountOf(HadEverything));
    }
}
