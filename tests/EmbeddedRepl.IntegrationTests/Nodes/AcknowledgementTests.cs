using EmbeddedRepl.IntegrationTests.Processes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

public class AcknowledgementTests
{
    [Fact]
    [Trait("Behaviour", "I1")]
    public async Task Wait_ForReplicasThatAreThere_ReturnsWithoutWaitingForAnInterval()
    {
        using TestNode master = TestNode.Master(Patient);
        using TestNode first = TestNode.Replica(master.EndPoint, Patient).WaitForStreaming();
        using TestNode second = TestNode.Replica(master.EndPoint, Patient).WaitForStreaming();

        // With intervals of an hour, only what is acknowledged at once is acknowledged within the test's patience.
        for (int i = 0; i < 20; i++)
        {
            master.Set($"key {i}", [1]);
            Assert.Equal(2, await master.Node.WaitForReplicasAsync(2, TestNode.Patience, default));
            master.Set($"key {i}", [2]);
            Assert.Equal(2, master.Node.WaitForReplicas(2, TestNode.Patience, default));
            Assert.Equal((byte)2, first.Get($"key {i}")![0]);
            Assert.Equal((byte)2, second.Get($"key {i}")![0]);
        }

        Assert.Equal(2, await master.Node.WaitForReplicasAsync(3, TimeSpan.FromMilliseconds(50), default));
        Assert.Equal(0, master.Info.WaitingCallers);
    }

    [UnixFact]
    [Trait("Behaviour", "I1")]
    public async Task Wait_ReplicaIsFrozen_ReturnsNoneAfterTheTimeoutAndOneAfterTheThaw()
    {
        using TestNode master = TestNode.Master(options => options.LinkTimeout = TimeSpan.FromMinutes(5));
        using ProcessNode replica = ProcessNode.Replica(master.EndPoint, "LinkTimeout=00:05:00").WaitForStreaming();
        master.Set("key", [1]);
        Assert.Equal(1, await master.Node.WaitForReplicasAsync(1, TestNode.Patience, default));

        replica.Freeze();
        master.Set("key", [2]);
        Assert.Equal(0, await master.Node.WaitForReplicasAsync(1, TimeSpan.FromMilliseconds(200), default));
        Task<int> thawed = master.Node.WaitForReplicasAsync(1, Timeout.InfiniteTimeSpan, default);
        Assert.False(thawed.IsCompleted);
        replica.Thaw();

        Assert.Equal(1, await thawed.WaitAsync(TestNode.Patience));
    }

    [Fact]
    [Trait("Behaviour", "D9")]
    public async Task Wait_MasterIsDemotedOrStopped_IsReleasedWithATypedErrorAndGoesOnOutsideOfTheGate()
    {
        using TestNode demoted = TestNode.Master();
        using TestNode stopped = TestNode.Master();
        Task<int> first = demoted.Node.WaitForReplicasAsync(1, Timeout.InfiniteTimeSpan, default);
        Task<int> second = stopped.Node.WaitForReplicasAsync(1, Timeout.InfiniteTimeSpan, default);
        Task<bool> heldByUs = first.ContinueWith(
            _ => demoted.Node.Core.Gate.IsHeldByCurrentThread, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        demoted.Node.ReplicateFrom($"127.0.0.1:{FreePort.Next()}");
        stopped.Node.Stop(TimeSpan.Zero);

        await Assert.ThrowsAsync<NotMasterException>(() => first.WaitAsync(TestNode.Patience));
        await Assert.ThrowsAsync<NodeStoppedException>(() => second.WaitAsync(TestNode.Patience));
        Assert.False(await heldByUs);
        await Assert.ThrowsAsync<NotMasterException>(() => demoted.Node.WaitForReplicasAsync(1, TimeSpan.Zero, default));
    }

    [Fact]
    public async Task Wait_Cancelled_EndsAtOnceAndIsForgotten()
    {
        using TestNode master = TestNode.Master();
        using var cancellation = new CancellationTokenSource();
        Task<int> awaited = master.Node.WaitForReplicasAsync(1, Timeout.InfiniteTimeSpan, cancellation.Token);
        Exception? blocked = null;
        var thread = new Thread(() => blocked = Record.Exception(() => master.Node.WaitForReplicas(1, Timeout.InfiniteTimeSpan, cancellation.Token)));
        thread.Start();
        master.WaitFor(info => info.WaitingCallers == 2, "both wait");

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => awaited.WaitAsync(TestNode.Patience));
        Assert.True(thread.Join(TestNode.Patience));
        Assert.IsType<OperationCanceledException>(blocked, exactMatch: false);
        Assert.Equal(0, master.Info.WaitingCallers);
    }

    [Fact]
    [Trait("Behaviour", "I3")]
    public void Writes_ReplicaGoesAndComesBack_AreRefusedMeanwhile()
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(options => options.MinReplicasToWrite = 1, log);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 6);
        Assert.Throws<NotEnoughReplicasException>(() => master.Set("key", [1]));
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString());
        master.WaitFor(info => info.AcceptsWrites, "the replica counts");
        master.Set("key", [1]);
        master.Fill(10, 10);

        proxy.IsRefusing = true;
        proxy.ResetAll();
        master.WaitFor(info => !info.AcceptsWrites, "the replica is gone");
        Assert.Throws<NotEnoughReplicasException>(() => master.Fill(1, 10));
        Assert.Throws<NotEnoughReplicasException>(() => master.Node.Remove("key"));
        Assert.Throws<NotEnoughReplicasException>(() => master.Node.Clear());
        Assert.Equal((byte)1, master.Get("key")![0]);
        proxy.IsRefusing = false;
        master.WaitFor(info => info.AcceptsWrites, "the replica is back");
        master.Set("key", [2]);

        replica.WaitUntilIdenticalTo(master);
        Assert.Equal((1, 2), (log.CountOf(1620), log.CountOf(1621)));
    }

    private static void Patient(ReplicatedCacheOptions options)
    {
        options.AckInterval = TimeSpan.FromHours(1);
        options.HeartbeatInterval = TimeSpan.FromHours(1);
        options.LinkTimeout = TimeSpan.FromHours(3);
    }
}
