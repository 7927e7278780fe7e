using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Faults;

[Collection(AloneCollection.Name)]
public class LifecycleTests
{
    [Fact]
    [Trait("Behaviour", "A15")]
    public void Nodes_StartedAndDisposedFiftyTimes_LeaveNoThreadAndNoSocketBehind()
    {
        (int threads, int sockets) = (ProcessResources.Threads, ProcessResources.Sockets);
        for (int i = 0; i < 50; i++)
        {
            using TestNode master = TestNode.Master();
            master.Set("k", [1]);
            using TestNode replica = TestNode.Replica(master.EndPoint, options => options.Listen.Add("127.0.0.1:0"));
            using TestNode lost = TestNode.Replica("127.0.0.1:1");
            if (i % 5 == 0)
            {
                replica.WaitForStreaming().WaitUntilEqualTo(master);
            }
        }

        WaitUntilNoMoreThan(threads, sockets);
    }

    [Fact]
    [Trait("Behaviour", "A15")]
    public void Master_ReplicasAttachAndLeaveAHundredTimes_KeepsNothingOfThem()
    {
        using TestNode master = TestNode.Master(options => options.BacklogSize = 64 << 10);
        using TestNode first = TestNode.Replica(master.EndPoint).WaitForStreaming();
        first.Dispose();
        master.WaitUntil(() => master.Node.Runtime.OpenSessions == 0, () => "the first one is gone");
        (int threads, int sockets) = (ProcessResources.Threads, ProcessResources.Sockets);
        for (int i = 0; i < 100; i++)
        {
            master.Set($"k {i}", new byte[10_000]);
            using TestNode replica = TestNode.Replica(master.EndPoint).WaitForStreaming();
            replica.WaitUntilEqualTo(master);
        }

        master.WaitUntil(() => master.Node.Runtime.OpenSessions == 0, () => "sessions end");
        WaitUntilNoMoreThan(threads, sockets);
        lock (master.Node.Core.Gate)
        {
            Assert.Empty(master.Node.Core.Sessions);
            Assert.Equal((0, 0), (master.Node.Core.FullSyncs.Running, master.Node.Core.FullSyncs.Waiting));
            Assert.Equal(0, master.Node.Core.IdleSessions);
        }

        // What a cursor that was left behind would pin is a megabyte; the backlog and the block that its start lies in are not more than this.
        Assert.InRange(master.Info.BacklogLength, 0, (64 << 10) + (64 << 10));
        Assert.Equal(101, master.Info.SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "A15")]
    public void Node_SentFromMasterToMaster_FollowsTheLastOrderAndKeepsNothingOfTheOthers()
    {
        using TestNode first = TestNode.Master();
        using TestNode second = TestNode.Master();
        first.Set("k", [1]);
        second.Set("k", [2]);
        using TestNode node = TestNode.Master();
        using var stalled = new FaultProxy(HostEndPoint.Parse(first.EndPoint), seed: 1);
        stalled.Stall(true);
        (int threads, int sockets) = (ProcessResources.Threads, ProcessResources.Sockets);
        string[] targets = [first.EndPoint, second.EndPoint, stalled.EndPoint.ToString(), "127.0.0.1:1"];
        for (int i = 0; i < 50; i++)
        {
            node.Node.ReplicateFrom(targets[i % targets.Length]);
            if (i % 9 == 0)
            {
                node.Node.Promote(new PromotionOptions { Force = true });
            }
        }

        stalled.ResetAll();
        node.Node.ReplicateFrom(second.EndPoint);

        node.WaitForStreaming().WaitUntilEqualTo(second);
        Assert.Equal([2], node.Get("k")!);
        first.WaitUntil(() => first.Node.Runtime.OpenSessions == 0, () => "the first master is left alone");

        // The one link that is left: two threads here and two there, a socket each.
        WaitUntilNoMoreThan(threads + 4, sockets + 2);
    }

    [Fact]
    public void Node_DisposedAtARandomMomentOfASync_EndsSoonAndWithoutAFailure()
    {
        (int threads, int sockets) = (ProcessResources.Threads, ProcessResources.Sockets);
        using (TestNode source = TestNode.Master())
        {
            for (int i = 0; i < 4_000; i++)
            {
                source.Set($"k {i}", new byte[1_000]);
            }

            using var proxy = new FaultProxy(HostEndPoint.Parse(source.EndPoint), seed: 2);
            for (int seed = 0; seed < 40; seed++)
            {
                DisposeInTheMiddle(source, proxy, new Random(seed));
            }

            source.WaitUntil(() => source.Node.Runtime.OpenSessions == 0, () => "the source is left alone");
        }

        WaitUntilNoMoreThan(threads, sockets);
    }

    private static void DisposeInTheMiddle(TestNode source, FaultProxy proxy, Random random)
    {
        using var log = new TraceLog();
        proxy.Stall(false);
        proxy.ToClient.BytesPerSecond = random.Next(3) == 0 ? 0 : 20_000_000;
        using TestNode middle = TestNode.Replica(proxy.EndPoint.ToString(), options => options.Listen.Add("127.0.0.1:0"), log);
        using TestNode leaf = TestNode.Replica(middle.EndPoint, loggers: log);
        Thread.Sleep(random.Next(60));
        if (random.Next(3) == 0)
        {
            // A peer that neither reads nor answers must not hold anybody up.
            proxy.Stall(true);
        }

        TestNode[] nodes = random.Next(2) == 0 ? [middle, leaf] : [leaf, middle];
        Exception? failure = null;
        var disposal = new Thread(() => failure = Record.Exception(() => Array.ForEach(nodes, node => node.Dispose()))) { IsBackground = true };
        disposal.Start();
        Assert.True(disposal.Join(TestNode.Patience), "Dispose hangs: " + log.Text);
        Assert.Null(failure);
        Assert.False(log.Contains("Error 1703"), log.Text);
        proxy.ResetAll();
        Assert.NotNull(source.Get("k 0"));
    }

    private static void WaitUntilNoMoreThan(int threads, int sockets)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (ProcessResources.Threads > threads || ProcessResources.Sockets > sockets)
        {
            Assert.True(
                System.Diagnostics.Stopwatch.GetElapsedTime(start) < TestNode.Patience,
                $"{ProcessResources.Threads} threads and {ProcessResources.Sockets} sockets are left, {threads} and {sockets} were expected.");
            Thread.Sleep(10);
        }
    }
}
