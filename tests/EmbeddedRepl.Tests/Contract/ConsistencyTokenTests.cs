using System.Buffers;
using System.Buffers.Text;
using EmbeddedRepl.Facade;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Tests.Contract;

/// <summary>Tokens as text, the waits' arguments, and scopes that note where writes stand.</summary>
public sealed class ConsistencyTokenTests : IDisposable
{
    private static readonly DistributedCacheEntryOptions NoExpiration = new();
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly DictionaryNode _node;
    private readonly ReplicatedCache _cache;

    public ConsistencyTokenTests()
    {
        var options = new ReplicatedCacheOptions { Role = ReplicationRole.Master, MaxKeySize = 100 };
        var clock = new TestClock();
        _node = new DictionaryNode(options, clock);
        _cache = new ReplicatedCache(_node, options, clock);
    }

    public void Dispose() => _cache.Dispose();

    [Fact]
    [Trait("Behaviour", "P4")]
    public void Token_OfAPosition_IsTheTextThatIsWrittenDown()
    {
        byte[] id = [.. Enumerable.Range(1, ReplicationId.Size).Select(i => (byte)i)];
        string token = ConsistencyToken.Print(new StreamPosition(new ReplicationId(id), 0x0102030405060708));

        Assert.Equal("AQECAwQFBgcICQoLDA0ODxAREhMUAQIDBAUGBwg", token);
        Assert.Equal([1, .. id, 1, 2, 3, 4, 5, 6, 7, 8], Base64Url.DecodeFromChars(token));
    }

    [Fact]
    [Trait("Behaviour", "P4")]
    public void Token_OfAnyPosition_IsReadBack()
    {
        foreach (StreamPosition position in (StreamPosition[])[default, new(ReplicationId.NewId(), 0), new(ReplicationId.NewId(), 1), new(ReplicationId.NewId(), long.MaxValue)])
        {
            string token = ConsistencyToken.Print(position);
            Assert.True(ConsistencyToken.TryParse(token, out StreamPosition read, out _));
            Assert.Equal((position, 39), (read, token.Length));
        }
    }

    [Fact]
    [Trait("Behaviour", "P4")]
    public async Task Wait_DamagedToken_NamesTheParameterAndSaysWhatToDo()
    {
        string token = _cache.GetConsistencyToken();
        var bad = new List<string>
        {
            "",
            "token",
            token + "A",
            token + "=",
            "+" + token[1..],
            token[..^1] + "é",
            " " + token[1..],
            token[..20] + "\n" + token[21..],
            Text(2, 1, 1),
            Text(1, 1, -1),
            Text(1, 0, 1),
        };
        bad.AddRange(Enumerable.Range(0, token.Length).Select(length => token[..length]));

        foreach (string damaged in bad)
        {
            ArgumentException error = await Assert.ThrowsAsync<ArgumentException>("token", () => _cache.WaitForAsync(damaged, Second));
            Assert.Contains("Pass on what GetConsistencyToken or ConsistencyScope.Token returned", error.Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>("token", () => _cache.WaitFor(damaged, Second));
        }

        Assert.Empty(_node.Calls);
    }

    [Fact]
    public async Task Wait_WrongArgumentsOrDisposed_ThrowsBeforeTheNodeIsAsked()
    {
        string token = _cache.GetConsistencyToken();
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAsync<ArgumentNullException>("token", () => _cache.WaitForAsync(null!, Second));
        Assert.Throws<ArgumentNullException>("token", () => _cache.WaitFor(null!, Second));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("timeout", () => _cache.WaitForAsync(token, -Second));
        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => _cache.WaitFor(token, -Second));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.WaitForAsync(token, Second, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => _cache.WaitFor(token, Second, cancelled));
        Assert.Empty(_node.Calls);

        Assert.True(_cache.WaitFor(token, Timeout.InfiniteTimeSpan));
        Assert.True(await _cache.WaitForAsync(token, TimeSpan.Zero));
        _node.HistoryId = ReplicationId.NewId();
        Assert.False(await _cache.WaitForAsync(token, Second));
        Assert.Equal(["wait for 0 -00:00:00.0010000", "wait for 0 00:00:00", "wait for 0 00:00:01"], _node.Calls);

        _cache.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cache.WaitForAsync(token, Second));
        Assert.Throws<ObjectDisposedException>(() => _cache.WaitFor(token, Second));
        Assert.Throws<ObjectDisposedException>(() => _cache.GetConsistencyToken());
        Assert.Throws<ObjectDisposedException>(() => _cache.TrackWrites());
    }

    [Fact]
    [Trait("Behaviour", "P5")]
    public async Task Scope_WritesInEveryWay_NotesEachOfThem()
    {
        var many = new KeyValuePair<string, ReadOnlyMemory<byte>>[] { new("a", new byte[1]), new("b", new byte[1]) };
        using ConsistencyScope scope = _cache.TrackWrites();
        Assert.Null(scope.Token);
        Func<Task>[] writes =
        [
            () => Done(() => _cache.Set("key", [1], NoExpiration)),
            () => Done(() => _cache.Set("key", new ReadOnlySequence<byte>([1]), NoExpiration)),
            () => Done(() => _cache.SetMany(many, NoExpiration)),
            () => Done(() => _cache.Remove("key")),
            () => Done(_cache.Clear),
            () => Done(() => _cache.CompareAndSet("key", new byte[1], EntryVersion.None, NoExpiration)),
            () => Done(() => _cache.CompareAndRemove("key", _cache.GetEntry("key")!.Version)),
            () => Done(() => _cache.GetOrSet("key", () => [1], NoExpiration)),
            () => Done(() => _cache.RemoveByPrefix("k")),
            () => _cache.CompareAndSetAsync("key", new byte[1], EntryVersion.None, NoExpiration),
            () => _cache.CompareAndRemoveAsync("key", _cache.GetEntry("key")!.Version),
            () => _cache.GetOrSetAsync("key", _ => Task.FromResult(new byte[1]), NoExpiration),
            () => _cache.RemoveByPrefixAsync("k"),
            () => _cache.SetAsync("key", [1], NoExpiration),
            () => _cache.SetAsync("key", new ReadOnlySequence<byte>([1]), NoExpiration).AsTask(),
            () => _cache.SetManyAsync(many, NoExpiration),
            () => _cache.RemoveAsync("key"),
            () => _cache.ClearAsync(),
        ];
        foreach (Func<Task> write in writes)
        {
            string? before = scope.Token;
            await write();
            Assert.NotEqual(before, scope.Token);
            Assert.Equal(_cache.GetConsistencyToken(), scope.Token);
        }
    }

    [Fact]
    [Trait("Behaviour", "P5")]
    public async Task Scope_WithoutAWrite_HasNoTokenAndARemovalOfNothingHas()
    {
        _cache.Set("key", [1], NoExpiration);
        using (ConsistencyScope scope = _cache.TrackWrites())
        {
            _cache.Get("key");
            _cache.Refresh("key");
            _cache.SetMany([], NoExpiration);
            _cache.Remove(new string('k', 200));
            Assert.ThrowsAny<ArgumentException>(() => _cache.Set(new string('k', 200), [1], NoExpiration));
            await _cache.ReplicateFromAsync("elsewhere");
            Assert.Throws<ReadOnlyReplicaException>(() => _cache.Set("key", [1], NoExpiration));
            await _cache.PromoteAsync();
            Assert.Null(scope.Token);
            _cache.Remove("none");
            Assert.Equal(_cache.GetConsistencyToken(), scope.Token);
        }
    }

    [Fact]
    [Trait("Behaviour", "P5")]
    public void Scope_Nested_TellsTheOuterOnesAndEndsByItself()
    {
        using ConsistencyScope outer = _cache.TrackWrites();
        string inside;
        ConsistencyScope inner = _cache.TrackWrites();
        using (inner)
        {
            Set();
            inside = _cache.GetConsistencyToken();
            Assert.Equal((inside, inside), (inner.Token, outer.Token));
        }

        Set();
        Assert.Equal((inside, _cache.GetConsistencyToken()), (inner.Token, outer.Token));
        inner.Dispose();
        using (ConsistencyScope second = _cache.TrackWrites())
        {
            Assert.Null(second.Token);
            Set();
            Assert.Equal(second.Token, outer.Token);
        }

        outer.Dispose();
        string? last = outer.Token;
        Set();
        Assert.Equal(last, outer.Token);
    }

    [Fact]
    [Trait("Behaviour", "P5")]
    public void Scope_EndedInTheWrongOrder_LeavesTheOthersAsTheyAre()
    {
        ConsistencyScope first = _cache.TrackWrites();
        ConsistencyScope second = _cache.TrackWrites();
        ConsistencyScope third = _cache.TrackWrites();
        second.Dispose();
        Set();
        Assert.Equal((true, false, true), (first.Token is not null, second.Token is not null, third.Token is not null));
        third.Dispose();
        string? before = third.Token;
        Set();
        Assert.Equal(before, third.Token);
        Assert.Equal(_cache.GetConsistencyToken(), first.Token);
        first.Dispose();
        first.Dispose();
        before = first.Token;
        Set();
        Assert.Equal(before, first.Token);
    }

    [Fact]
    [Trait("Behaviour", "P5")]
    public async Task Scope_FlowsThatWereStartedInIt_BelongToItAndOthersDoNot()
    {
        using var stranger = new SemaphoreSlim(0);
        Task other = Task.Run(async () =>
        {
            await stranger.WaitAsync();
            Set();
        });
        using ConsistencyScope scope = _cache.TrackWrites();
        stranger.Release();
        await other;
        Assert.Null(scope.Token);

        await Task.Run(Set);
        Assert.Equal(_cache.GetConsistencyToken(), scope.Token);
        await Helper();
        Assert.Equal(_cache.GetConsistencyToken(), scope.Token);
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task afterwards = Later(late.Task);
        scope.Dispose();
        string? token = scope.Token;
        late.SetResult();
        await afterwards;
        Assert.Equal(token, scope.Token);

        async Task Helper()
        {
            await Task.Yield();
            using ConsistencyScope own = _cache.TrackWrites();
            await _cache.SetAsync("key", [1], NoExpiration);
            Assert.Equal(own.Token, scope.Token);
        }

        async Task Later(Task until)
        {
            await until;
            Set();
        }
    }

    [Fact]
    [Trait("Behaviour", "P5")]
    public void Scope_OfOneCache_DoesNotSeeTheWritesOfAnother()
    {
        var options = new ReplicatedCacheOptions { Role = ReplicationRole.Master };
        using var other = new ReplicatedCache(new DictionaryNode(options, new TestClock()), options, new TestClock());
        using ConsistencyScope scope = _cache.TrackWrites();
        other.Set("key", [1], NoExpiration);

        Assert.Null(scope.Token);
    }

    [Fact]
    [Trait("Behaviour", "P5")]
    public void Scope_ManyFlowsAtATime_HasTheNewest()
    {
        var node = new WriteScope(_node, null);
        ReplicationId id = ReplicationId.NewId();
        Parallel.For(0, 10_000, i => node.Note(new StreamPosition(id, i * 7919 % 10_000)));

        Assert.Equal(new StreamPosition(id, 9_999), node.Position);
    }

    [Fact]
    [Trait("Behaviour", "P5")]
    public void Scope_IdChangesInTheMiddle_TheLaterOneWinsAlsoIfAnOlderOneIsToldLate()
    {
        ReplicationId old = _node.HistoryId;
        var scope = new WriteScope(_node, null);
        scope.Note(new StreamPosition(old, 500));
        _node.HistoryId = ReplicationId.NewId();
        scope.Note(new StreamPosition(_node.HistoryId, 100));
        Assert.Equal(new StreamPosition(_node.HistoryId, 100), scope.Position);

        scope.Note(new StreamPosition(old, 600));
        Assert.Equal(new StreamPosition(_node.HistoryId, 100), scope.Position);
    }

    private static string Text(byte version, byte id, long offset)
    {
        byte[] bytes = new byte[29];
        bytes[0] = version;
        bytes.AsSpan(1, ReplicationId.Size).Fill(id);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(21), offset);
        return Base64Url.EncodeToString(bytes);
    }

    private static Task Done(Action write)
    {
        write();
        return Task.CompletedTask;
    }

    private void Set() => _cache.Set("key", [1], NoExpiration);
}
