using EmbeddedRepl.Facade;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.IntegrationTests.Recovery;

/// <summary>Writers on a master that recovers, with real threads.</summary>
public class WaitingWritersTests
{
    [Fact]
    [Trait("Behaviour", "D8")]
    public async Task Writers_OnAMasterThatRecovers_WaitWithoutTheGateAndGoOnWhenItIsDone()
    {
        using TestNode master = TestNode.Master(options =>
        {
            (options.ExpectedReplicas, options.RecoveryWindow, options.RecoveryWriteTimeout) = (1, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
        });
        Task set = OnAThread(() => master.Set("set", [1]));
        Task many = OnAThread(() => master.Fill(10, 10));
        Task remove = OnAThread(() => master.Node.Remove("gone"));
        Task clear = OnAThread(() => master.Node.Clear());
        Task waiting = master.Node.RemoveAsync("none", CancellationToken.None).AsTask();
        Assert.Equal(RecoveryState.Collecting, master.Info.RecoveryState);
        Assert.Null(master.Get("set"));
        Assert.DoesNotContain(new[] { set, many, remove, clear, waiting }, task => task.IsCompleted);

        using TestNode replica = TestNode.Replica(master.EndPoint);

        await Task.WhenAll(set, many, remove, clear, waiting).WaitAsync(TestNode.Patience);
        replica.WaitForStreaming().WaitUntilEqualTo(master);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public async Task Writers_RecoveryTakesTooLong_GetATypedErrorAndNothingIsWritten()
    {
        using TestNode master = TestNode.Master(options =>
        {
            (options.RecoveryWindow, options.RecoveryWriteTimeout) = (TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(20));
        });

        Assert.Throws<RecoveringMasterException>(() => master.Set("key", [1]));
        Assert.Throws<RecoveringMasterException>(() => master.Fill(1, 1));
        await Assert.ThrowsAsync<RecoveringMasterException>(() => master.Node.RemoveAsync("none", CancellationToken.None).AsTask());
        Assert.Equal(0, master.Info.EntryCount);
    }

    [Fact]
    [Trait("Behaviour", "Q7")]
    public async Task RemoveByPrefix_OnAMasterThatRecovers_WaitsAlsoIfItHoldsNoSuchKeyYet()
    {
        var options = new ReplicatedCacheOptions();
        using TestNode master = TestNode.Master(configured =>
        {
            (configured.RecoveryWindow, configured.RecoveryWriteTimeout) = (TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(20));
        });
        using var cache = new ReplicatedCache(master.Node, options, TimeProvider.System);

        // What its replicas hold comes with the recovery, so "nothing to remove" would be wrong.
        Assert.Throws<RecoveringMasterException>(() => cache.RemoveByPrefix("user:"));
        await Assert.ThrowsAsync<RecoveringMasterException>(() => cache.RemoveByPrefixAsync("user:"));
        cache.OverrideFullSyncRefusals();
        Assert.Equal(0, cache.RemoveByPrefix("user:"));
        Assert.Equal(0, await cache.RemoveByPrefixAsync("user:"));
    }

    [Fact]
    [Trait("Behaviour", "Q4")]
    public async Task CompareAndSet_OnAMasterThatRecovers_ReturnsTheVersionThatIsReadInWhatItRecovered()
    {
        TestNode before = TestNode.Master();
        string endPoint = before.EndPoint;
        before.Set("key", [1]);
        using TestNode holder = TestNode.Replica(endPoint);
        holder.WaitForStreaming().WaitUntilEqualTo(before);
        before.Dispose();
        using TestNode master = TestNode.Master(options =>
        {
            options.Listen[0] = endPoint;
            (options.ExpectedReplicas, options.RecoveryWindow, options.RecoveryWriteTimeout) = (2, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
        });
        Task<ComparedWrite> inserted = master.Node.CompareAndSetAsync("new", new byte[] { 1 }, EntryVersion.None, default, CancellationToken.None).AsTask();
        Task<ComparedWrite> blocking = Task.Factory.StartNew(
            () => master.Node.CompareAndSet("other", new byte[] { 1 }, EntryVersion.None, default), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.False(inserted.IsCompleted);

        using TestNode other = TestNode.Replica(endPoint);

        EntryVersion? version = (await inserted.WaitAsync(TestNode.Patience)).Version;
        Assert.Equal([1], master.Get("key"));
        Assert.Equal(version, master.Node.GetEntry("new")?.Version);
        Assert.Equal((await blocking.WaitAsync(TestNode.Patience)).Version, master.Node.GetEntry("other")?.Version);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void Writers_OperatorDecides_GoOnAtOnce()
    {
        using TestNode master = TestNode.Master(options => options.RecoveryWindow = TimeSpan.FromMinutes(5));

        master.Node.OverrideFullSyncRefusals();
        master.Set("key", [1]);

        Assert.Equal((RecoveryState.None, 1), (master.Info.RecoveryState, master.Info.EntryCount));
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public async Task Writers_NodeStopsOrFollowsMeanwhile_AreReleased()
    {
        using TestNode other = TestNode.Master();
        using TestNode master = TestNode.Master(options =>
        {
            (options.RecoveryWindow, options.RecoveryWriteTimeout) = (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
        });
        Task set = OnAThread(() => master.Set("key", [1]));
        master.Node.ReplicateFrom(other.EndPoint);
        await Assert.ThrowsAsync<ReadOnlyReplicaException>(() => set.WaitAsync(TestNode.Patience));

        using TestNode stopped = TestNode.Master(options =>
        {
            (options.RecoveryWindow, options.RecoveryWriteTimeout) = (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
        });
        Task late = OnAThread(() => stopped.Set("key", [1]));
        stopped.Node.Dispose();
        await Assert.ThrowsAsync<NodeStoppedException>(() => late.WaitAsync(TestNode.Patience));
    }

    private static Task OnAThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
