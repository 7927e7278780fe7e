using System.Collections;
using EmbeddedRepl.Facade;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Tests.Contract;

/// <summary>What the facade does beyond the contract: orders to the node, and the life of both.</summary>
public sealed class ReplicatedCacheTests : IDisposable
{
    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private readonly DictionaryNode _node;
    private readonly ReplicatedCache _cache;

    public ReplicatedCacheTests()
    {
        var options = new ReplicatedCacheOptions { Role = ReplicationRole.Master, MaxValueSize = 10 };
        options.Listen.Add("*:7000");
        var clock = new TestClock();
        _node = new DictionaryNode(options, clock);
        _cache = new ReplicatedCache(_node, options, clock);
    }

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void Start_Twice_StartsTheNodeOnce()
    {
        _cache.Start();
        _cache.Start();

        Assert.Equal(["start"], _node.Calls);
    }

    [Fact]
    public async Task WaitForReplicas_WrongArgumentsOrDisposed_ThrowsBeforeTheNodeIsAsked()
    {
        TimeSpan second = TimeSpan.FromSeconds(1);
        Assert.Throws<ArgumentOutOfRangeException>("count", () => _cache.WaitForReplicas(-1, second));
        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => _cache.WaitForReplicas(1, -second));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("count", () => _cache.WaitForReplicasAsync(-1, second));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.WaitForReplicasAsync(1, second, new CancellationToken(canceled: true)));
        Assert.Empty(_node.Calls);

        Assert.Equal(0, _cache.WaitForReplicas(1, Timeout.InfiniteTimeSpan));
        Assert.Equal(0, await _cache.WaitForReplicasAsync(2, TimeSpan.Zero));
        Assert.Equal(["wait 1 -00:00:00.0010000", "wait 2 00:00:00"], _node.Calls);

        _cache.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cache.WaitForReplicasAsync(1, second));
    }

    [Fact]
    public void Start_ThatFailed_CanBeTriedAgain()
    {
        _node.StartError = new IOException("in use");
        Assert.Throws<IOException>(_cache.Start);
        _node.StartError = null;

        _cache.Start();
        _cache.Stop(TimeSpan.FromSeconds(1));

        Assert.Equal(["start", "start", "stop 00:00:01"], _node.Calls);
    }

    [Fact]
    public void Stop_Twice_StopsTheNodeOnce()
    {
        _cache.Start();
        _cache.Stop(TimeSpan.FromSeconds(1));
        _cache.Stop(TimeSpan.FromSeconds(1));

        Assert.Equal(["start", "stop 00:00:01"], _node.Calls);
    }

    [Fact]
    public void Stop_NeverStartedOrDisposed_DoesNothing()
    {
        _cache.Stop(TimeSpan.FromSeconds(1));
        _cache.Start();
        _cache.Dispose();
        _cache.Stop(TimeSpan.FromSeconds(1));

        Assert.Equal(["start", "dispose"], _node.Calls);
    }

    [Fact]
    public void Dispose_Twice_DisposesTheNodeOnce()
    {
        _cache.Dispose();
        _cache.Dispose();

        Assert.Equal(["dispose"], _node.Calls);
        Assert.Throws<ObjectDisposedException>(_cache.Start);
    }

    [Fact]
    public async Task Orders_ReachTheNodeAndCompleteAtOnce()
    {
        Assert.True(_cache.ReplicateFromAsync("10.0.0.5:7000").IsCompletedSuccessfully);
        Assert.Equal(ReplicationRole.Replica, _cache.Role);
        Assert.True(_cache.PromoteAsync(new PromotionOptions { Force = true }).IsCompletedSuccessfully);
        await _cache.PromoteAsync();
        _cache.OverrideFullSyncRefusals();

        Assert.Equal(["replicate from 10.0.0.5:7000", "promote True", "promote False", "override"], _node.Calls);
    }

    [Theory]
    [Trait("Behaviour", "A14")]
    [InlineData("127.0.0.1:7000")]
    [InlineData("localhost:7000")]
    [InlineData("[::1]:7000")]
    public async Task ReplicateFrom_ThisNodeItself_IsRefusedAndNothingChanges(string master)
    {
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => _cache.ReplicateFromAsync(master));

        Assert.Equal("master", error.ParamName);
        Assert.Contains("is this node itself, which listens on '*:7000'", error.Message, StringComparison.Ordinal);
        Assert.Empty(_node.Calls);
        Assert.Equal(ReplicationRole.Master, _cache.Role);
    }

    [Fact]
    public async Task ReplicateFrom_AnotherPortOfThisMachine_IsAccepted()
    {
        await _cache.ReplicateFromAsync("127.0.0.1:7001");

        Assert.Equal(["replicate from 127.0.0.1:7001"], _node.Calls);
    }

    [Fact]
    public void SetMany_CollectionThatChangesBetweenEnumerations_WritesWhatWasChecked()
    {
        _cache.SetMany(new Fickle(), NoExpiration);

        Assert.Equal([1], _cache.Get("first"));
        Assert.Null(_cache.Get("second"));
    }

    [Fact]
    public void GetReplicationInfo_IsTheNodes()
    {
        Assert.Same(_node.Info, _cache.GetReplicationInfo());
    }

    /// <summary>Holds something else, and too large, each time it is looked at.</summary>
    private sealed class Fickle : IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>>
    {
        private int _enumerations;

        public int Count => 1;

        public IEnumerator<KeyValuePair<string, ReadOnlyMemory<byte>>> GetEnumerator()
        {
            yield return _enumerations++ == 0 ? new("first", new byte[] { 1 }) : new("second", new byte[11]);
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
