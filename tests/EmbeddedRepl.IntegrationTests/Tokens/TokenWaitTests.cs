using System.Buffers;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.IntegrationTests.Tokens;

/// <summary>How a wait ends that does not end by what it waits for: on real threads, outside of the gate.</summary>
public class TokenWaitTests
{
    [Fact]
    public async Task Wait_NodeStops_IsReleasedWithATypedErrorAndGoesOnOutsideOfTheGate()
    {
        using TestNode node = TestNode.Master();
        node.Set("key", [1]);
        StreamPosition here = node.Node.Position;
        StreamPosition elsewhere = here with { Id = ReplicationId.NewId() };
        Task<bool> wait = node.Node.WaitForAsync(elsewhere, Timeout.InfiniteTimeSpan, default).AsTask();
        Task<bool> heldByUs = wait.ContinueWith(
            _ => node.Node.Core.Gate.IsHeldByCurrentThread, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        node.Node.Stop(TimeSpan.Zero);

        await Assert.ThrowsAsync<NodeStoppedException>(() => wait.WaitAsync(TestNode.Patience));
        Assert.False(await heldByUs);
        Assert.Throws<NodeStoppedException>(() => node.Node.WaitFor(elsewhere, TimeSpan.FromSeconds(1), default));
        Assert.True(node.Node.WaitFor(here, TimeSpan.Zero, default));
    }

    [Fact]
    public async Task Wait_Cancelled_EndsAtOnceAndIsForgotten()
    {
        using TestNode node = TestNode.Master();
        var elsewhere = new StreamPosition(ReplicationId.NewId(), 1);
        using var cancellation = new CancellationTokenSource();
        Task<bool> awaited = node.Node.WaitForAsync(elsewhere, Timeout.InfiniteTimeSpan, cancellation.Token).AsTask();
        Exception? blocked = null;
        var thread = new Thread(() => blocked = Record.Exception(() => node.Node.WaitFor(elsewhere, Timeout.InfiniteTimeSpan, cancellation.Token)));
        thread.Start();
        TestNode.Wait(() => node.Peek(core => core.PositionWaits.Count) == 2, () => "both wait");

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => awaited.WaitAsync(TestNode.Patience));
        Assert.True(thread.Join(TestNode.Patience));
        Assert.IsType<OperationCanceledException>(blocked, exactMatch: false);
        Assert.Equal(0, node.Peek(core => core.PositionWaits.Count));
    }

    [Fact]
    public async Task Wait_ItsTimeIsOver_SaysNoWithoutAnError()
    {
        using TestNode node = TestNode.Master();
        var elsewhere = new StreamPosition(ReplicationId.NewId(), 1);

        Assert.False(await node.Node.WaitForAsync(elsewhere, TimeSpan.FromMilliseconds(20), default).AsTask().WaitAsync(TestNode.Patience));
        Assert.False(node.Node.WaitFor(elsewhere, TimeSpan.FromMilliseconds(20), default));
        Assert.False(node.Node.WaitFor(elsewhere, TimeSpan.Zero, default));
    }

    [Fact]
    public void Wait_NodeThatWasNotStarted_AnswersWhatItHasAndRefusesToWait()
    {
        using var node = new ReplicatedNode(new ReplicatedCacheOptions { Role = ReplicationRole.Master, RecoveryWindow = TimeSpan.Zero }, TimeProvider.System, NullLoggerFactory.Instance);
        node.Set("key", new ReadOnlySequence<byte>([1]), default);

        Assert.True(node.WaitFor(node.Position, TimeSpan.Zero, default));
        var error = Assert.Throws<ReplicatedCacheException>(() => node.WaitFor(new StreamPosition(ReplicationId.NewId(), 1), TimeSpan.FromSeconds(1), default));
        Assert.Contains("not been started", error.Message, StringComparison.Ordinal);
    }
}
