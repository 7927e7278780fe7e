using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Tests.Contract;

/// <content>Arguments, limits, cancellation, disposal.</content>
public abstract partial class CacheContractTests
{
    private static ReadOnlySequence<byte> Sequence => new(Value);

    private static IBufferWriter<byte> Writer => new ArrayBufferWriter<byte>();

    /// <summary>Every call with one argument null, and the name that the exception must carry.</summary>
    public static TheoryData<string, string> NullArguments() => new()
    {
        { "Get", "key" },
        { "GetAsync", "key" },
        { "TryGet span", "key" },
        { "TryGet writer", "key" },
        { "TryGet writer, destination", "destination" },
        { "TryGetAsync", "key" },
        { "TryGetAsync, destination", "destination" },
        { "Set array", "key" },
        { "Set array, value", "value" },
        { "Set array, options", "options" },
        { "Set sequence", "key" },
        { "Set sequence, options", "options" },
        { "SetAsync array", "key" },
        { "SetAsync array, value", "value" },
        { "SetAsync array, options", "options" },
        { "SetAsync sequence", "key" },
        { "SetAsync sequence, options", "options" },
        { "SetMany", "entries" },
        { "SetMany, a key", "entries" },
        { "SetMany, options", "options" },
        { "Refresh", "key" },
        { "RefreshAsync", "key" },
        { "Remove", "key" },
        { "RemoveAsync", "key" },
        { "ReplicateFromAsync", "master" },
    };

    [Theory]
    [MemberData(nameof(NullArguments))]
    public async Task Null_ForAnArgument_ThrowsWithItsName(string call, string parameter)
    {
        ArgumentNullException error = await Assert.ThrowsAsync<ArgumentNullException>(() => CallWithNull(call));

        Assert.Equal(parameter, error.ParamName);
    }

    [Fact]
    public async Task Cancelled_AnyAsyncMethod_ThrowsBeforeAnyEffect()
    {
        Cache.Set("key", Value, NoExpiration);
        var cancelled = new CancellationToken(canceled: true);
        var destination = new ArrayBufferWriter<byte>();

        await Assert.ThrowsAsync<OperationCanceledException>(() => Cache.GetAsync("key", cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(() => Cache.TryGetAsync("key", destination, cancelled).AsTask());
        await Assert.ThrowsAsync<OperationCanceledException>(() => Cache.SetAsync("key", [9], NoExpiration, cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(() => Cache.SetAsync("key", Segments([9]), NoExpiration, cancelled).AsTask());
        await Assert.ThrowsAsync<OperationCanceledException>(() => Cache.RefreshAsync("key", cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(() => Cache.RemoveAsync("key", cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(() => Cache.ReplicateFromAsync("10.0.0.5", cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(() => Cache.PromoteAsync(null, cancelled));

        Assert.Equal(Value, Cache.Get("key"));
        Assert.Equal(0, destination.WrittenCount);
        Assert.Equal(ReplicationRole.Master, Cache.Role);
    }

    [Fact]
    public async Task Cancelled_Refresh_DoesNotExtend()
    {
        Cache.Set("key", Value, Sliding(Second));
        Clock.Advance(Second - Millisecond);

        await Assert.ThrowsAsync<OperationCanceledException>(() => Cache.RefreshAsync("key", new CancellationToken(canceled: true)));
        Clock.Advance(Millisecond);

        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    public async Task AsyncMethods_DoTheSameAndCompleteAtOnce()
    {
        var destination = new ArrayBufferWriter<byte>();

        Task setArray = Cache.SetAsync("array", Value, NoExpiration);
        Assert.True(setArray.IsCompletedSuccessfully);
        ValueTask setSequence = Cache.SetAsync("sequence", Segments([1, 2], [3]), NoExpiration);
        Assert.True(setSequence.IsCompletedSuccessfully);
        Task<byte[]?> get = Cache.GetAsync("array");
        Assert.True(get.IsCompletedSuccessfully);
        ValueTask<bool> tryGet = Cache.TryGetAsync("sequence", destination);
        Assert.True(tryGet.IsCompletedSuccessfully);
        Assert.True(Cache.RefreshAsync("array").IsCompletedSuccessfully);
        Assert.True(Cache.RemoveAsync("array").IsCompletedSuccessfully);

        Assert.Equal(Value, await get);
        Assert.True(await tryGet);
        Assert.Equal([1, 2, 3], destination.WrittenSpan.ToArray());
        Assert.Null(await Cache.GetAsync("array"));
        Assert.False(await Cache.TryGetAsync("missing", new UntouchableWriter()));
    }

    [Fact]
    public async Task AsyncMethods_OnAnError_ReturnItInTheTask()
    {
        Task set = Cache.SetAsync(null!, Value, NoExpiration);

        Assert.True(set.IsFaulted);
        await Assert.ThrowsAsync<ArgumentNullException>(() => set);
    }

    [Fact]
    public async Task Disposed_AnyCall_ThrowsObjectDisposed()
    {
        IReplicatedCache cache = Cache;
        cache.Set("key", Value, NoExpiration);

        // The way every service ends: with its container.
        _providers.ForEach(p => p.Dispose());

        Action[] calls =
        [
            () => cache.Get("key"),
            () => cache.TryGet("key", new byte[100], out _),
            () => cache.TryGet("key", Writer),
            () => cache.Set("key", Value, NoExpiration),
            () => cache.Set("key", Sequence, NoExpiration),
            () => cache.SetMany([new("key", Value)], NoExpiration),
            () => cache.Refresh("key"),
            () => cache.Remove("key"),
            cache.Clear,
            () => cache.GetReplicationInfo(),
            cache.OverrideFullSyncRefusals,
            () => _ = cache.Role,
        ];
        Assert.All(calls, call => Assert.Throws<ObjectDisposedException>(call));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.GetAsync("key"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.SetAsync("key", Value, NoExpiration));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.ReplicateFromAsync("10.0.0.5"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.PromoteAsync());
    }

    [Fact]
    public void Value_AtItsLimit_IsAcceptedAndBeyondRefused()
    {
        IReplicatedCache cache = CreateCache(o => o.MaxValueSize = 100);

        cache.Set("key", new byte[100], NoExpiration);
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => cache.Set("key", new byte[101], NoExpiration));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Set("key", Segments(new byte[50], new byte[51]), NoExpiration));

        Assert.Equal("value", error.ParamName);
        Assert.Equal(101L, error.ActualValue);
        Assert.Contains("MaxValueSize", error.Message, StringComparison.Ordinal);
        Assert.Equal(100, cache.Get("key")!.Length);
    }

    [Fact]
    public void Key_AtItsLimitInBytes_IsAcceptedAndBeyondRefused()
    {
        IReplicatedCache cache = CreateCache(o => o.MaxKeySize = 9);

        cache.Set("123456789", Value, NoExpiration);
        cache.Set("日本語", Value, NoExpiration);
        cache.Set("\uD800\uD800\uD800", Value, NoExpiration);
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => cache.Set("日本語x", Value, NoExpiration));

        Assert.Equal("key", error.ParamName);
        Assert.Contains("MaxKeySize", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("日本語x", error.Message, StringComparison.Ordinal);
        Assert.NotNull(cache.Get("日本語"));
    }

    [Fact]
    public void Key_BeyondItsLimit_IsAMissForEverythingButWriting()
    {
        string large = new('k', ReplicatedCacheOptions.MaxKeySizeLimit + 1);

        Assert.Null(Cache.Get(large));
        Assert.False(Cache.TryGet(large, new UntouchableWriter()));
        Assert.False(Cache.TryGet(large, new byte[1], out _));
        Cache.Refresh(large);
        Cache.Remove(large);
        Assert.Throws<ArgumentOutOfRangeException>(() => Cache.Set(large, Value, NoExpiration));
    }

    [Fact]
    public void SetMany_OneEntryTooLarge_WritesNothing()
    {
        IReplicatedCache cache = CreateCache(o => o.MaxValueSize = 100);

        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => cache.SetMany([new("a", new byte[1]), new("b", new byte[101])], NoExpiration));

        Assert.Equal("entries", error.ParamName);
        Assert.Null(cache.Get("a"));
    }

    [Fact]
    public void SetMany_OneKeyNull_WritesNothing()
    {
        Assert.Throws<ArgumentNullException>(() => Cache.SetMany([new("a", Value), new(null!, Value)], NoExpiration));

        Assert.Null(Cache.Get("a"));
    }

    [Fact]
    public async Task Write_OnAReplica_IsRefusedWithATypedError()
    {
        IReplicatedCache replica = CreateReplica();

        Assert.Throws<ReadOnlyReplicaException>(() => replica.Set("key", Value, NoExpiration));
        Assert.Throws<ReadOnlyReplicaException>(() => replica.Set("key", Sequence, NoExpiration));
        Assert.Throws<ReadOnlyReplicaException>(() => replica.SetMany([new("key", Value)], NoExpiration));
        Assert.Throws<ReadOnlyReplicaException>(() => replica.Remove("key"));
        Assert.Throws<ReadOnlyReplicaException>(() => replica.Remove(new string('k', ReplicatedCacheOptions.MaxKeySizeLimit + 1)));
        Assert.Throws<ReadOnlyReplicaException>(replica.Clear);
        await Assert.ThrowsAsync<ReadOnlyReplicaException>(() => replica.SetAsync("key", Value, NoExpiration));
        await Assert.ThrowsAsync<ReadOnlyReplicaException>(() => replica.RemoveAsync("key"));

        Assert.Equal(ReplicationRole.Replica, replica.Role);
        Assert.Null(replica.Get("key"));
    }

    [Fact]
    public async Task Refresh_OnAReplica_IsNeverRefused()
    {
        IReplicatedCache replica = CreateReplica();

        replica.Refresh("key");
        await replica.RefreshAsync("key");

        Assert.Null(replica.Get("key"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("host:port")]
    [InlineData("host:65536")]
    [InlineData("::1")]
    [InlineData("*:6390")]
    [InlineData("host:0")]
    public async Task ReplicateFrom_NoAddress_ThrowsAndStaysMaster(string master)
    {
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => Cache.ReplicateFromAsync(master));

        Assert.Equal("master", error.ParamName);
        Assert.Equal(ReplicationRole.Master, Cache.Role);
    }

    private async Task CallWithNull(string call)
    {
        const string K = "key";
        switch (call)
        {
            case "Get": Cache.Get(null!); break;
            case "GetAsync": await Cache.GetAsync(null!); break;
            case "TryGet span": Cache.TryGet(null!, new byte[1], out _); break;
            case "TryGet writer": Cache.TryGet(null!, Writer); break;
            case "TryGet writer, destination": Cache.TryGet(K, null!); break;
            case "TryGetAsync": await Cache.TryGetAsync(null!, Writer); break;
            case "TryGetAsync, destination": await Cache.TryGetAsync(K, null!); break;
            case "Set array": Cache.Set(null!, Value, NoExpiration); break;
            case "Set array, value": Cache.Set(K, null!, NoExpiration); break;
            case "Set array, options": Cache.Set(K, Value, null!); break;
            case "Set sequence": Cache.Set(null!, Sequence, NoExpiration); break;
            case "Set sequence, options": Cache.Set(K, Sequence, null!); break;
            case "SetAsync array": await Cache.SetAsync(null!, Value, NoExpiration); break;
            case "SetAsync array, value": await Cache.SetAsync(K, null!, NoExpiration); break;
            case "SetAsync array, options": await Cache.SetAsync(K, Value, null!); break;
            case "SetAsync sequence": await Cache.SetAsync(null!, Sequence, NoExpiration); break;
            case "SetAsync sequence, options": await Cache.SetAsync(K, Sequence, null!); break;
            case "SetMany": Cache.SetMany(null!, NoExpiration); break;
            case "SetMany, a key": Cache.SetMany([new(null!, Value)], NoExpiration); break;
            case "SetMany, options": Cache.SetMany([], null!); break;
            case "Refresh": Cache.Refresh(null!); break;
            case "RefreshAsync": await Cache.RefreshAsync(null!); break;
            case "Remove": Cache.Remove(null!); break;
            case "RemoveAsync": await Cache.RemoveAsync(null!); break;
            case "ReplicateFromAsync": await Cache.ReplicateFromAsync(null!); break;
            default: throw new ArgumentOutOfRangeException(nameof(call), call, "Unknown call.");
        }
    }
}
