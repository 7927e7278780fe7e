using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Forwarding;

/// <summary>Sliding entries that are read on replicas, when nothing breaks.</summary>
public sealed class TouchTests
{
    private const string Key = "key";

    private readonly ClockedNodes _nodes = new();

    [Theory]
    [InlineData(10_000, 9_000)]
    [InlineData(10_000, 500)]
    [InlineData(800, 600)]
    [InlineData(250, 100)]
    [Trait("Behaviour", "E6")]
    public void SlidingEntry_ReadOnlyBelow_IsAliveEverywhereForAsLongAsItIsReadAndNotLonger(long window, long pause)
    {
        CoreNode master = _nodes.AddMaster();
        CoreNode middle = _nodes.AddReplica(master);
        CoreNode leaf = _nodes.AddReplica(middle);
        CoreNode other = _nodes.AddReplica(master);
        ClockedNodes.SetSliding(master, Key, window);
        _nodes.Settle();

        for (long time = 0; time < 20 * window; time += pause)
        {
            Assert.NotNull(leaf.Get(Key));
            _nodes.Run(pause, () => Assert.All([master, middle, other], node => Assert.True(ClockedNodes.IsAlive(node, Key))));
        }

        _nodes.Run(window + 1_000);
        Assert.All([master, middle, leaf, other], node => Assert.Equal(0, node.Core.Data.Store.Count));
    }

    // The second read of a pair asks for nothing by itself, since it moves the deadline by less than a step; the third comes just in time after it, and too late after the first.
    [Fact]
    [Trait("Behaviour", "E6")]
    public void SlidingEntry_ReadTwiceAndThenJustInTime_IsAliveEverywhere()
    {
        CoreNode master = _nodes.AddMaster();
        CoreNode replica = _nodes.AddReplica(master);
        CoreNode other = _nodes.AddReplica(master);
        ClockedNodes.SetSliding(master, Key, 16_000);
        _nodes.Settle();

        for (int i = 0; i < 10; i++)
        {
            Assert.NotNull(replica.Get(Key));
            _nodes.Run(1_500);
            Assert.NotNull(replica.Get(Key));
            _nodes.Run(15_500, () => Assert.All([master, other], node => Assert.True(ClockedNodes.IsAlive(node, Key))));
        }
    }

    // This thread holds the gates of all nodes, and nobody else will ever give one back.
    [Fact]
    [Trait("Behaviour", "E6")]
    public async Task Get_SlidingEntryOnAReplica_NeverWaitsForTheGate()
    {
        CoreNode master = _nodes.AddMaster();
        CoreNode replica = _nodes.AddReplica(master);
        ClockedNodes.SetSliding(master, Key, 1_000);
        _nodes.Settle();

        byte[]? value = await Task.Run(() => replica.Get(Key)).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.NotNull(value);
    }

    [Fact]
    [Trait("Behaviour", "E7")]
    public void HotSlidingKey_ReadAllTheTimeOnFiftyReplicas_AHandfulOfRecordsPerWindow()
    {
        const int Windows = 4;
        const long Window = 4_000;
        CoreNode master = _nodes.AddMaster();
        CoreNode[] replicas = [.. Enumerable.Range(0, 50).Select(_ => _nodes.AddReplica(master))];
        ClockedNodes.SetSliding(master, Key, Window);
        _nodes.Settle();
        long before = master.Core.Data.Changes;
        _nodes.Run(Windows * Window, () => Assert.All(replicas, replica => Assert.NotNull(replica.Get(Key))));

        Assert.InRange(master.Core.Data.Changes - before, Windows * 4, (Windows * 8) + 1);
        Assert.All(replicas, replica => Assert.InRange(replica.Counters.TouchesSent, Windows * 4, (Windows * 9) + 1));
    }

    [Fact]
    [Trait("Behaviour", "E7")]
    public void ManyKeys_ReadWhileTheLinkIsDown_GoUpInBoundedFramesAndAllArrive()
    {
        const int Keys = 3_000;
        CoreNode master = _nodes.AddMaster();
        CoreNode replica = _nodes.AddReplica(master);
        for (int i = 0; i < Keys; i++)
        {
            ClockedNodes.SetSliding(master, $"key {i}", 60_000);
        }

        _nodes.Settle();
        _nodes.Run(30_000);
        _nodes.Break(_nodes.LinkOf(replica));
        for (int i = 0; i < Keys; i++)
        {
            Assert.NotNull(replica.Get($"key {i}"));
        }

        _nodes.Run(1_000);
        Assert.Equal(Keys, replica.Core.Touches.Pending);
        _nodes.Connect(master, replica);
        long inOneStep = 0;
        long sent = replica.Counters.TouchesSent;
        _nodes.Run(3_000, () =>
        {
            inOneStep = Math.Max(inOneStep, replica.Counters.TouchesSent - sent);
            sent = replica.Counters.TouchesSent;
        });

        Assert.True(replica.Core.IsLinkUp);
        Assert.Equal((Keys, Keys), (replica.Counters.TouchesSent, master.Counters.TouchesReceived));
        Assert.Equal(ProtocolLimits.Touches, inOneStep);
        _nodes.Run(40_000);
        Assert.Equal(Keys, master.Core.Data.Store.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300_000)]
    [InlineData(-300_000)]
    [Trait("Behaviour", "E11")]
    public void Touch_ClocksDiffer_GivesTheDeadlineOfTheMastersClockExactly(long skew)
    {
        const long Window = 1_200_000;
        CoreNode master = _nodes.AddMaster();
        CoreNode middle = _nodes.AddReplica(master, -skew / 2);
        CoreNode replica = _nodes.AddReplica(middle, skew);
        ClockedNodes.SetSliding(master, Key, Window);
        _nodes.Run(Window / 2);

        long readAt = master.Now.UtcMilliseconds;
        Assert.NotNull(replica.Get(Key));
        _nodes.Run(2_000);

        Assert.All([master, middle, replica], node => Assert.Equal(readAt + Window, ClockedNodes.DeadlineOn(node, Key)));
    }

    // Where the clock is behind by more than the window, no read seems to extend anything; where it is ahead the entry is hidden early, by as much, so it is read before.
    [Theory]
    [InlineData(300_000, 600_000)]
    [InlineData(-300_000, 60_000)]
    [Trait("Behaviour", "E11")]
    public void SlidingEntry_ReadOnlyWhereTheClockIsWrong_LivesOnForAsLongAsItIsRead(long skew, long window)
    {
        CoreNode master = _nodes.AddMaster();
        CoreNode replica = _nodes.AddReplica(master, skew);
        ClockedNodes.SetSliding(master, Key, window);
        _nodes.Settle();
        for (int i = 0; i < 10; i++)
        {
            _nodes.Run(window / 3);
            Assert.NotNull(replica.Get(Key));
        }

        Assert.True(ClockedNodes.IsAlive(master, Key));
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(-300_000)]
    [Trait("Behaviour", "E11")]
    public void Entry_ReplicasClockIsWrong_IsHiddenEarlyOrLateByAsMuchAndNeverDeleted(long skew)
    {
        CoreNode master = _nodes.AddMaster();
        CoreNode replica = _nodes.AddReplica(master, skew);
        long deadline = master.Now.UtcMilliseconds + 600_000;
        master.Set(Key, [1], new EntryExpiration(deadline, 0, 0));
        _nodes.Settle();
        CorePair link = _nodes.LinkOf(replica);
        _nodes.Break(link);

        _nodes.Run(deadline - skew - master.Now.UtcMilliseconds - 50);
        Assert.NotNull(replica.Get(Key));
        _nodes.Run(50);
        Assert.Null(replica.Get(Key));
        _nodes.Run(1_000);
        Assert.Equal(1, replica.Core.Data.Store.Count);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(-300_000)]
    [Trait("Behaviour", "E11")]
    public void ForwardedWrite_RelativeTimesAndClocksDiffer_GivesTheDeadlinesOfTheMastersClockExactly(long skew)
    {
        CoreNode master = _nodes.AddMaster();
        CoreNode replica = _nodes.AddReplica(master, skew);

        TestWrite.Set(Key, [1], new WriteExpiration(null, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(20))).On(replica);
        _nodes.Settle();

        long now = master.Now.UtcMilliseconds;
        Assert.Equal(ReadOutcome.Hit, replica.Core.Data.Store.TryGetMetadata(Key, out EntryMetadata metadata));
        Assert.Equal(new EntryExpiration(now + 20_000, 20_000, now + 60_000), metadata.Expiration);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(-300_000)]
    [Trait("Behaviour", "E11")]
    public void Skew_IsMeasuredAtBothEndsAndReported(long skew)
    {
        CoreNode master = _nodes.AddMaster();
        CoreNode replica = _nodes.AddReplica(master, skew);
        _nodes.Run(20_000);

        Assert.Equal(TimeSpan.FromMilliseconds(skew), Assert.Single(Info(master).Replicas).ClockSkew);
        Assert.Equal(TimeSpan.FromMilliseconds(-skew), Info(replica).MasterClockSkew);
    }

    // A replica that is ahead would take the cap for near and stop asking; how near it is, only the master's clock tells.
    [Fact]
    [Trait("Behaviour", "E11")]
    public void SlidingEntry_WithACapAndReadWhereTheClockIsAhead_LivesToTheCapAndNoLonger()
    {
        const long Window = 400_000;
        CoreNode master = _nodes.AddMaster();
        CoreNode replica = _nodes.AddReplica(master, 300_000);
        CoreNode other = _nodes.AddReplica(master);
        long cap = master.Now.UtcMilliseconds + 1_000_000;
        ClockedNodes.SetSliding(master, Key, Window, cap);
        _nodes.Settle();
        while (master.Now.UtcMilliseconds < cap - 300_100)
        {
            _nodes.Run(50_000);
            replica.Get(Key);
        }

        _nodes.Run(1_500);
        long last = ClockedNodes.DeadlineOn(other, Key);
        Assert.InRange(last, cap - 1, cap);
        _nodes.Run(cap - master.Now.UtcMilliseconds + 1_000, () => replica.Get(Key));
        Assert.Equal(0, other.Core.Data.Store.Count);
    }

    private static ReplicationInfo Info(CoreNode node) => new ReplicationInfoBuilder(node.Core, node.Now).Build([]);
}
