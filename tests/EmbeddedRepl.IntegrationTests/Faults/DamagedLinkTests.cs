using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Faults;

public class DamagedLinkTests
{
    [Fact]
    [Trait("Behaviour", "G6")]
    public void Link_CutIntoSingleBytes_SyncsAndStreams()
    {
        using var cluster = new ProxiedPair(seed: 11, entries: 50, valueSize: 200);
        cluster.Proxy.ToClient.MaxPiece = 1;
        cluster.Proxy.ToTarget.MaxPiece = 1;

        cluster.StartReplica();
        cluster.WriteSome(50);

        cluster.WaitUntilEqual();
        Assert.Equal((1L, 0L), (cluster.Master.Info.SyncFull, cluster.Master.Info.SyncPartialOk));
    }

    [Fact]
    [Trait("Behaviour", "G6")]
    public void Link_DelayedAndCutIntoPieces_SyncsAndStreams()
    {
        using var cluster = new ProxiedPair(seed: 12, entries: 500, valueSize: 1_000);
        cluster.Proxy.ToClient.MaxPiece = 8_000;
        cluster.Proxy.ToClient.Delay = TimeSpan.FromMilliseconds(4);
        cluster.Proxy.ToTarget.Delay = TimeSpan.FromMilliseconds(4);

        cluster.StartReplica();
        cluster.WriteSome(200);

        cluster.WaitUntilEqual();
        Assert.Equal((1L, 0L), (cluster.Master.Info.SyncFull, cluster.Master.Info.SyncPartialOk));
    }

    [Theory]
    [Trait("Behaviour", "G6")]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Link_StalledWithoutBeingClosed_IsGivenUpAndContinuesPartially(bool toTarget, bool toClient)
    {
        using var cluster = new ProxiedPair(seed: 13, entries: 100, valueSize: 100);
        cluster.StartReplica().WaitForStreaming();
        cluster.WaitUntilEqual();

        cluster.Proxy.ToTarget.IsStalled = toTarget;
        cluster.Proxy.ToClient.IsStalled = toClient;
        cluster.WriteSome(10);
        cluster.Replica.WaitFor(info => info.LinkDownSince is not null, "a half-open link is noticed");
        cluster.Proxy.Stall(false);

        cluster.WaitUntilEqual();
        Assert.Equal(1, cluster.Master.Info.SyncFull);
        Assert.True(cluster.Replica.Info.PartialResyncsCompleted >= 1);
    }

    [Fact]
    [Trait("Behaviour", "G6")]
    public void Link_ResetAtRandomBytes_ContinuesPartiallyEachTime()
    {
        using var cluster = new ProxiedPair(seed: 14, entries: 100, valueSize: 100);
        cluster.StartReplica().WaitForStreaming();
        var random = new Random(14);
        const int Rounds = 40;
        for (int round = 1; round <= Rounds; round++)
        {
            FaultDirection direction = round % 4 == 0 ? cluster.Proxy.ToTarget : cluster.Proxy.ToClient;
            direction.ResetAt = random.Next(round % 4 == 0 ? 300 : 6_000);
            cluster.Proxy.ResetAll();
            cluster.WriteUntil(() => direction.ResetAt is null);
        }

        cluster.WaitUntilEqual();
        Assert.True(cluster.Proxy.Statistics.Resets >= Rounds);
        Assert.Equal((1L, 0L), (cluster.Master.Info.SyncFull, cluster.Master.Info.SyncPartialErr));
        Assert.Equal(0, cluster.Replica.Info.DigestMismatches);
    }

    [Fact]
    [Trait("Behaviour", "G6")]
    public void Link_BitFlippedAtRandomBytes_IsClosedEachTimeAndNothingWrongIsApplied()
    {
        using var cluster = new ProxiedPair(seed: 15, entries: 100, valueSize: 100);
        cluster.StartReplica().WaitForStreaming();
        var random = new Random(15);
        const int Rounds = 40;
        for (int round = 1; round <= Rounds; round++)
        {
            // A new connection for each flip, armed while there is none, so that the flip cannot fall into one that is about to be reset.
            cluster.Replica.WaitForStreaming();
            cluster.Proxy.IsRefusing = true;
            cluster.Proxy.ResetAll();
            bool atMaster = round % 4 == 0;
            FaultDirection direction = atMaster ? cluster.Proxy.ToTarget : cluster.Proxy.ToClient;
            direction.FlipAt = random.Next(atMaster ? 300 : 6_000);
            long connections = cluster.PassedConnections;
            cluster.Proxy.IsRefusing = false;

            // The one with the flip, and the one after it: the flip was noticed.
            cluster.WriteUntil(() => direction.FlipAt is null);
            cluster.WriteUntil(() => cluster.PassedConnections >= connections + 2);
        }

        cluster.WaitUntilEqual();
        Assert.Equal(Rounds, cluster.Proxy.Statistics.BitsFlipped);
        Assert.Equal(0, cluster.Replica.Info.DigestMismatches);
        Assert.Equal((1L, 0L), (cluster.Master.Info.SyncFull, cluster.Master.Info.SyncPartialErr));
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(100, cluster.Replica.Get($"k {i}")!.Length));
    }

    [Fact]
    [Trait("Behaviour", "G6")]
    public void Snapshot_BitFlippedOnTheWay_IsDiscardedAndSentAgain()
    {
        using var log = new TraceLog();
        using var cluster = new ProxiedPair(seed: 16, entries: 2_000, valueSize: 1_000, log);
        const int Flips = 5;
        cluster.Proxy.ToClient.FlipAt = 200_000;
        cluster.Proxy.ToClient.BytesPerSecond = 4_000_000;
        cluster.StartReplica();
        for (int flips = 1; flips <= Flips; flips++)
        {
            cluster.Replica.WaitUntil(() => cluster.Proxy.Statistics.BitsFlipped == flips, () => "the bit is flipped");
            long connections = cluster.PassedConnections;
            cluster.Replica.WaitUntil(
                () =>
                {
                    // The replica reads its old connection to the end and throws the bytes away; the next flip is for the next connection, whose
                    // snapshot must not come through before the flip is armed.
                    cluster.Proxy.ToClient.ResetAt = 1_900_000;
                    return cluster.PassedConnections > connections;
                },
                () => "it connects again");
            Assert.False(cluster.Replica.Info.IsReady);
            cluster.Proxy.ToClient.FlipAt = flips < Flips ? 150_000 * (flips + 1) : null;
        }

        cluster.Proxy.ToClient.ResetAt = null;
        cluster.WaitUntilEqual();
        Assert.True(log.Count("Warning 1510") >= Flips, log.Text);
        Assert.True(cluster.Master.Info.SyncFull >= Flips + 1);
        Assert.Equal(1, cluster.Replica.Info.FullSyncsCompleted);
    }
}
