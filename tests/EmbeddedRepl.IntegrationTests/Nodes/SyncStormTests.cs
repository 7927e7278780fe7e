using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

public class SyncStormTests
{
    private const int Replicas = 20;
    private const int MaxFullSyncs = 3;
    private const int WaitReceived = 1503;

    [Fact]
    [Trait("Behaviour", "A17")]
    public void Replicas_TwentyStartAtOnce_AtMostTheAllowedSnapshotsRunTheOthersAreToldAndWritersGoOn()
    {
        using TestNode master = TestNode.Master(options =>
        {
            options.MaxConcurrentFullSyncs = MaxFullSyncs;
            options.LinkTimeout = TimeSpan.FromMinutes(2);
        }).Fill(12_000, 1_000);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 17);

        // So slow that a snapshot, which is larger than what the sockets hold, does not end before all have come.
        proxy.ToClient.BytesPerSecond = 200_000;
        int mostAtATime = 0;
        using Worker observer = Worker.Repeat(_ =>
        {
            (int running, int sending) = master.Peek(core =>
                (core.FullSyncs.Running, core.Sessions.Count(session => session.State == ReplicaSessionState.SendingSnapshot)));
            mostAtATime = Math.Max(mostAtATime, Math.Max(running, sending));
            Thread.Sleep(0);
        });
        using Worker writer = Worker.Writing(i => master.Set($"written {i % 1_000}", [(byte)i]));
        TraceLog[] logs = [.. Enumerable.Range(0, Replicas).Select(_ => new TraceLog())];
        TestNode[] replicas = [.. logs.Select(log => TestNode.Replica(proxy.EndPoint.ToString(), options => options.LinkTimeout = TimeSpan.FromMinutes(2), log))];
        try
        {
            master.WaitFor(info => info.Replicas.Count == Replicas, "all have asked");
            Assert.Equal(MaxFullSyncs, master.Info.Replicas.Count(replica => replica.State == ReplicaSessionState.SendingSnapshot));
            TestNode.Wait(() => logs.Count(log => log.CountOf(WaitReceived) > 0) == Replicas - MaxFullSyncs, () => "the others are told that they wait");
            TestNode.Wait(
                () => replicas.Count(replica => replica.Peek(core => core.Upstream!.WaitingPosition) > 0) == Replicas - MaxFullSyncs,
                () => "the others know their places");
            writer.WaitForSteps(5_000);
            Assert.Equal(MaxFullSyncs, master.Info.SyncFull);

            proxy.ToClient.BytesPerSecond = 0;
            Array.ForEach(replicas, replica => replica.WaitForStreaming());
            writer.WaitForSteps(100);
            writer.Stop();
            observer.Stop();
            Array.ForEach(replicas, replica => replica.WaitUntilEqualTo(master));
            replicas[0].WaitUntilIdenticalTo(master);
            replicas[^1].WaitUntilIdenticalTo(master);
            Assert.Equal(MaxFullSyncs, mostAtATime);
            Assert.Equal((Replicas, 0), (master.Info.SyncFull, master.Info.SyncPartialOk));
        }
        finally
        {
            Array.ForEach(replicas, replica => replica.Dispose());
        }
    }
}
