using System.Collections.Concurrent;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Forwarding;

/// <summary>What callers on a replica are told while its real link is broken, stalled or gone.</summary>
public sealed class ForwardingFaultTests : IDisposable
{
    private readonly TestNode _master;
    private readonly FaultProxy _proxy;
    private readonly TestNode _replica;

    public ForwardingFaultTests()
    {
        _master = TestNode.Master();
        _proxy = new FaultProxy(HostEndPoint.Parse(_master.EndPoint), seed: 21);
        _replica = TestNode.Replica(_proxy.EndPoint.ToString(), options =>
        {
            options.ReplicaWrites = ReplicaWrites.Forward;
            options.ReconnectDelay = TimeSpan.FromMilliseconds(20);
            options.LinkTimeout = options.ForwardTimeout = TestNode.Patience;
        });
        _replica.WaitForStreaming();
    }

    private enum Told
    {
        Done,
        Unknown,
        NotWritten,
    }

    public void Dispose()
    {
        _replica.Dispose();
        _proxy.Dispose();
        _master.Dispose();
    }

    [Fact]
    [Trait("Behaviour", "N3")]
    [Trait("Behaviour", "N4")]
    public void Link_ResetAtRandomBytesUnderEightWriters_NoneWasToldAnythingUntrue()
    {
        const int Writers = 8;
        var told = new ConcurrentDictionary<string, Told>();
        int[] lastDone = [.. Enumerable.Repeat(-1, Writers)];
        bool isOver = false;
        Thread[] threads = [.. Enumerable.Range(0, Writers).Select(writer => new Thread(() =>
        {
            for (int i = 0; !Volatile.Read(ref isOver); i++)
            {
                string key = $"{writer}/{i}";
                Told ordered = Write($"order {writer}", i);
                lastDone[writer] = ordered == Told.Done ? i : lastDone[writer];
                told[key] = Write(key, i);
                if (told[key] == Told.Done && _replica.Get(key) is null)
                {
                    // Read your own write: what is wrong here is counted below as a write that is missing.
                    told["read " + key] = Told.Done;
                }
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        var random = new Random(21);
        const int Rounds = 30;
        for (int round = 0; round < Rounds; round++)
        {
            FaultDirection direction = round % 2 == 0 ? _proxy.ToTarget : _proxy.ToClient;
            direction.ResetAt = random.Next(40_000);
            TestNode.Wait(() => direction.ResetAt is null, () => $"a reset; {_replica.Info}");
        }

        Volatile.Write(ref isOver, true);
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        _replica.WaitForStreaming().WaitUntilIdenticalTo(_master);
        Assert.DoesNotContain(told, write => write.Value == Told.Done && _master.Get(write.Key) is null);
        Assert.DoesNotContain(told, write => write.Value == Told.NotWritten && _master.Get(write.Key) is not null);
        for (int writer = 0; writer < Writers; writer++)
        {
            Assert.True(BitConverter.ToInt32(_master.Get($"order {writer}")!) >= lastDone[writer], "An older write was applied after a newer one.");
        }

        Assert.Equal([Told.Done, Told.Unknown], told.Values.Distinct().Order().Take(2));
        Assert.Equal((0, 0), _replica.Peek(core => (core.Forwarder.Count, core.Forwarder.Unanswered)));
    }

    [Fact]
    [Trait("Behaviour", "N12")]
    public async Task Caller_CancelsWhileTheMasterIsSilent_IsReleasedAndTheLinkGoesOn()
    {
        _proxy.Stall(true);
        using var source = new CancellationTokenSource();
        Task waiting = _replica.Node.SetAsync("key", new([1]), default, source.Token).AsTask();
        Task other = _replica.Node.SetAsync("other", new([2]), default, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        await source.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TestNode.Patience));
        Assert.Equal(source.Token, exception.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _replica.Node.SetAsync("late", new([3]), default, source.Token).AsTask().WaitAsync(TestNode.Patience));

        _proxy.Stall(false);
        await other.WaitAsync(TestNode.Patience);
        Assert.Equal([2], _replica.Get("other"));
        Assert.Equal(1, _replica.Peek(core => core.Counters.LinkUps));
    }

    [Fact]
    [Trait("Behaviour", "N13")]
    public async Task Node_StopsWhileCallersWait_AllAreReleased()
    {
        _proxy.Stall(true);
        Task waiting = _replica.Node.SetAsync("key", new([1]), default, CancellationToken.None).AsTask();
        Task blocked = OnAThread(() => _replica.Set("key", [2]));
        TestNode.Wait(() => _replica.Peek(core => core.Forwarder.Count) == 2, () => "both wait");
        _replica.Dispose();

        Assert.IsAssignableFrom<ReplicatedCacheException>(await Record.ExceptionAsync(() => waiting.WaitAsync(TestNode.Patience)));
        Assert.IsAssignableFrom<ReplicatedCacheException>(await Record.ExceptionAsync(() => blocked.WaitAsync(TestNode.Patience)));
        Assert.Throws<NodeStoppedException>(() => _replica.Set("key", [3]));
    }

    [Fact]
    [Trait("Behaviour", "N7")]
    public void Master_IsGone_WritesFailAtOnceWithNothingWritten()
    {
        _master.Dispose();
        _replica.WaitFor(info => info.LinkDownSince is not null, "the replica has noticed");

        Assert.Throws<MasterUnreachableException>(() => _replica.Set("key", [1]));
        Assert.Throws<MasterUnreachableException>(() => _replica.Fill(10, 10));
        Assert.Null(_replica.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "N13")]
    public async Task Writer_WaitsForARecovery_NodeIsDemotedMeanwhile_ForwardsAndIsNotToldToGoElsewhere()
    {
        using TestNode recovering = TestNode.Master(options =>
        {
            (options.RecoveryWindow, options.RecoveryWriteTimeout) = (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
            options.ReplicaWrites = ReplicaWrites.Forward;
        });
        Task[] writers =
        [
            OnAThread(() => recovering.Set("key", [1])),
            OnAThread(() => recovering.Fill(100, 10)),
            OnAThread(() => recovering.Node.Remove("gone")),
            OnAThread(() => recovering.Node.Clear()),
            recovering.Node.SetAsync("async", new([1]), default, CancellationToken.None).AsTask(),
            recovering.Node.RemoveAsync("none", CancellationToken.None).AsTask(),
        ];
        recovering.Node.ReplicateFrom(_master.EndPoint);

        foreach (Task writer in writers)
        {
            // The link may be up already by then; if it is not, nothing was written.
            Assert.True(await Record.ExceptionAsync(() => writer.WaitAsync(TestNode.Patience)) is null or MasterUnreachableException);
        }
    }

    private static Task OnAThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private Told Write(string key, int value)
    {
        try
        {
            _replica.Set(key, BitConverter.GetBytes(value));
            return Told.Done;
        }
        catch (WriteOutcomeUnknownException)
        {
            return Told.Unknown;
        }
        catch (MasterUnreachableException)
        {
            _replica.WaitForStreaming();
            return Told.NotWritten;
        }
    }
}
