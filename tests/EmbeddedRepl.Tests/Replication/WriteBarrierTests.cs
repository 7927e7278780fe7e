using EmbeddedRepl.Facade;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Tests.Contract;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Tests.Replication;

public sealed class WriteBarrierTests
{
    [Fact]
    [Trait("Behaviour", "D8")]
    public void Wait_Open_PassesAtOnceAndForGood()
    {
        var barrier = new WriteBarrier(isOpen: true);

        barrier.Wait(TimeSpan.Zero);
        Assert.True(barrier.WaitAsync(TimeSpan.Zero, CancellationToken.None).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public async Task Wait_OpenedMeanwhile_BothKindsOfWritersGoOn()
    {
        var barrier = new WriteBarrier(isOpen: false);
        var blocked = new Thread(() => barrier.Wait(TimeSpan.FromMinutes(1)));
        blocked.Start();
        Task waiting = barrier.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);

        barrier.Set();

        await waiting;
        Assert.True(blocked.Join(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public async Task Wait_NotOpenedInTime_FailsAndSaysWhatWasExceeded()
    {
        TimeSpan patience = TimeSpan.FromMilliseconds(1);
        var barrier = new WriteBarrier(isOpen: false);

        Assert.Contains("RecoveryWriteTimeout", Assert.Throws<RecoveringMasterException>(() => barrier.Wait(patience)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RecoveringMasterException>(() => barrier.WaitAsync(patience, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task WaitAsync_CallerGivesUp_IsCancelled()
    {
        var barrier = new WriteBarrier(isOpen: false);
        using var source = new CancellationTokenSource();
        Task waiting = barrier.WaitAsync(TimeSpan.FromMinutes(1), source.Token).AsTask();

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    [Trait("Behaviour", "D8")]
    public async Task CacheCalls_WhileTheNodeRecovers_AwaitAndBlockNobody()
    {
        var options = new ReplicatedCacheOptions { Role = ReplicationRole.Master };
        using var node = new DictionaryNode(options, TimeProvider.System);
        var recovered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Writable = recovered.Task;
        using var cache = new ReplicatedCache(node, options, TimeProvider.System);

        Task set = cache.SetAsync("key", [1], new DistributedCacheEntryOptions());
        Task setSequence = cache.SetAsync("other", new System.Buffers.ReadOnlySequence<byte>([2]), new DistributedCacheEntryOptions()).AsTask();
        Task remove = cache.RemoveAsync("gone");
        Assert.False(set.IsCompleted || setSequence.IsCompleted || remove.IsCompleted);
        Assert.Null(await cache.GetAsync("key"));
        recovered.SetResult();
        await set;
        await setSequence;
        await remove;

        Assert.Equal([1], await cache.GetAsync("key"));
    }
}
