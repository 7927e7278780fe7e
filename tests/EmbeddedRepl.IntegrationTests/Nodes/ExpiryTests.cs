using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>Deadlines on several nodes whose wall clocks the test sets.</summary>
public class ExpiryTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 12, 0, 0, 123, TimeSpan.Zero);

    private readonly SettableClock _masterClock = new(Start);
    private readonly SettableClock _replicaClock = new(Start);

    [Fact]
    [Trait("Behaviour", "E1")]
    public void Deadlines_AbsoluteRelativeAndSliding_AreTheSameOnEveryNodeToTheMillisecond()
    {
        // The replica's clock is off: a deadline that was computed on it would show.
        _replicaClock.Now = Start.AddMilliseconds(777);
        using TestNode master = TestNode.Master(time: _masterClock);
        using TestNode early = TestNode.Replica(master.EndPoint, time: _replicaClock).WaitForStreaming();
        long start = Start.ToUnixTimeMilliseconds();
        DateTimeOffset absolute = Start.AddDays(3).AddMilliseconds(4);
        master.Set("none", [1]);
        Write(master, "absolute", new WriteExpiration(absolute, null, null));
        Write(master, "relative", new WriteExpiration(null, TimeSpan.FromMilliseconds(1_234_567), null));
        Write(master, "sliding", new WriteExpiration(null, null, TimeSpan.FromMilliseconds(90_001)));
        Write(master, "sliding with cap", new WriteExpiration(null, TimeSpan.FromMilliseconds(100_000), TimeSpan.FromMilliseconds(90_001)));
        Write(master, "sliding beyond cap", new WriteExpiration(null, TimeSpan.FromMilliseconds(80_000), TimeSpan.FromMilliseconds(90_001)));
        using TestNode late = TestNode.Replica(master.EndPoint, time: _replicaClock).WaitForStreaming();

        var expected = new Dictionary<string, EntryExpiration>
        {
            ["none"] = EntryExpiration.None,
            ["absolute"] = new(absolute.ToUnixTimeMilliseconds(), 0, 0),
            ["relative"] = new(start + 1_234_567, 0, 0),
            ["sliding"] = new(start + 90_001, 90_001, 0),
            ["sliding with cap"] = new(start + 90_001, 90_001, start + 100_000),
            ["sliding beyond cap"] = new(start + 80_000, 90_001, start + 80_000),
        };
        foreach (TestNode node in new[] { master, early, late })
        {
            node.WaitUntilIdenticalTo(master);
            Assert.Equal(expected.OrderBy(entry => entry.Key), node.Entries().OrderBy(entry => entry.Key));
        }
    }

    [Fact]
    [Trait("Behaviour", "E2")]
    public void Entry_ExpiredAndItsDeletionNotYetArrived_IsAMissOnTheReplicaAndStillCounted()
    {
        using TestNode master = TestNode.Master(time: _masterClock);
        using TestNode replica = TestNode.Replica(master.EndPoint, time: _replicaClock).WaitForStreaming();
        master.Set("k", [1], relative: TimeSpan.FromMinutes(1));
        replica.WaitUntilEqualTo(master);

        _replicaClock.Now = Start.AddMinutes(1).AddMilliseconds(-1);
        Assert.NotNull(replica.Get("k"));
        _replicaClock.Now = Start.AddMinutes(1);
        Assert.Null(replica.Get("k"));

        // The replica's own clock removes nothing, however often it looks.
        long heartbeat = replica.Peek(core => core.Upstream!.Link!.LastReceivedAt);
        replica.WaitUntil(() => replica.Peek(core => core.Upstream!.Link!.LastReceivedAt) > heartbeat + 400, () => "further heartbeats");
        Assert.Equal(1, replica.Info.EntryCount);
        Assert.Equal(master.Info.Digest, replica.Info.Digest);
        Assert.NotNull(master.Get("k"));

        // The master's does, through the stream.
        long offset = master.Info.ReplicationOffset;
        _masterClock.Now = Start.AddMinutes(1);
        replica.WaitFor(info => info.EntryCount == 0, "the master's deletion arrives");
        Assert.InRange(replica.Info.ReplicationOffset, offset + 1, long.MaxValue);
        replica.WaitUntilIdenticalTo(master);
        Assert.Equal(0, replica.Info.DigestMismatches);
    }

    [Theory]
    [Trait("Behaviour", "E3")]
    [InlineData(true)]
    [InlineData(false)]
    public void Record_OfAnEntryThatHasExpiredOnTheReplicasClock_IsApplied(bool isInSnapshot)
    {
        _replicaClock.Now = Start.AddHours(1);
        using TestNode master = TestNode.Master(time: _masterClock);
        using TestNode? early = isInSnapshot ? null : TestNode.Replica(master.EndPoint, time: _replicaClock).WaitForStreaming();
        master.Set("k", [1]);
        master.Set("k", [2], relative: TimeSpan.FromMinutes(1));
        master.Set("sliding", [3], sliding: TimeSpan.FromMinutes(1));
        using TestNode? late = isInSnapshot ? TestNode.Replica(master.EndPoint, time: _replicaClock).WaitForStreaming() : null;
        TestNode replica = early ?? late!;

        replica.WaitUntilIdenticalTo(master);
        Assert.Equal(2, replica.Info.EntryCount);
        Assert.Null(replica.Get("k"));
        Assert.Null(replica.Get("sliding"));

        // It is really there: with the clock put right, it can be read.
        _replicaClock.Now = Start;
        Assert.Equal([2], replica.Get("k"));
        Assert.Equal([3], replica.Get("sliding"));
    }

    [Theory]
    [Trait("Behaviour", "E5")]
    [InlineData(60, 0)]
    [InlineData(60, 120)]
    [InlineData(120, 60)]
    [InlineData(0, 60)]
    public void Overwrite_WithOtherOrNoExpiration_LeavesNothingOfTheOld(int oldSeconds, int newSeconds)
    {
        using TestNode master = TestNode.Master(time: _masterClock);
        using TestNode early = TestNode.Replica(master.EndPoint, time: _replicaClock).WaitForStreaming();
        master.Set("relative", [1], relative: Seconds(oldSeconds));
        master.Set("sliding", [1], sliding: Seconds(oldSeconds));
        early.WaitUntilEqualTo(master);
        master.Set("relative", [2], relative: Seconds(newSeconds));
        master.Set("sliding", [2], relative: Seconds(newSeconds));
        using TestNode late = TestNode.Replica(master.EndPoint, time: _replicaClock).WaitForStreaming();

        long deadline = newSeconds == 0 ? 0 : Start.AddSeconds(newSeconds).ToUnixTimeMilliseconds();
        var expected = new EntryExpiration(deadline, 0, 0);
        foreach (TestNode node in new[] { master, early, late })
        {
            node.WaitUntilIdenticalTo(master);
            Assert.All(node.Entries().Values, expiration => Assert.Equal(expected, expiration));
        }

        // Only the replicas' clock moves, so that nothing is deleted: they show what the entries themselves say.
        _replicaClock.Now = newSeconds == 0 ? Start.AddYears(100) : Start.AddSeconds(newSeconds).AddMilliseconds(-1);
        Assert.All(new[] { early, late }, node => Assert.Equal([2], node.Get("relative")));
        Assert.All(new[] { early, late }, node => Assert.Equal([2], node.Get("sliding")));
        if (newSeconds != 0)
        {
            _replicaClock.Now = Start.AddSeconds(newSeconds);
            Assert.All(new[] { early, late }, node => Assert.Null(node.Get("relative")));
            Assert.All(new[] { early, late }, node => Assert.Null(node.Get("sliding")));
        }
    }

    private static TimeSpan? Seconds(int seconds) => seconds == 0 ? null : TimeSpan.FromSeconds(seconds);

    private static void Write(TestNode master, string key, WriteExpiration expiration) =>
        master.Node.Set(key, new ReadOnlySequence<byte>([1]), expiration);
}
