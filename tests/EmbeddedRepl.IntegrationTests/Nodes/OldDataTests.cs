using System.Buffers.Binary;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>What becomes of the data that a replica has when it is to take another master's.</summary>
public class OldDataTests
{
    private const int OldEntries = 1_000;
    private const int NewEntries = 2_500;

    [Fact]
    [Trait("Behaviour", "A6")]
    public void Replica_HasDataOfAnotherHistory_ReadersSeeTheOldUntilTheSwapAndThenOnlyTheNew()
    {
        using TestNode oldMaster = TestNode.Master().Fill(OldEntries, 100);
        oldMaster.Set("marker", [1]);
        using TestNode newMaster = TestNode.Master().Fill(NewEntries, 1_000);
        newMaster.Set("marker", [2]);
        newMaster.Node.Remove("key 7");
        using var proxy = new FaultProxy(HostEndPoint.Parse(newMaster.EndPoint), seed: 6);
        using TestNode replica = TestNode.Replica(oldMaster.EndPoint).WaitForStreaming();
        replica.WaitUntilEqualTo(oldMaster);
        ReplicationId oldId = oldMaster.Info.ReplicationId;
        ReplicationId newId = newMaster.Info.ReplicationId;

        // Slow enough that readers look at the replica many times while the new data comes in.
        proxy.ToClient.BytesPerSecond = 8 << 20;
        bool sawNew = false;
        long looksAtOld = 0;
        long looksDuringLoad = 0;
        using Worker reader = Worker.Repeat(_ =>
        {
            // In this order: a swap between the two reads may make the second one newer than the first, never older.
            byte[] marker = replica.Get("marker") ?? throw new InvalidOperationException("The marker is missing.");
            byte[]? onlyOld = replica.Get("key 7");
            Assert.True(marker[0] == 2 || !sawNew, "A reader saw old data after new data.");
            Assert.True(marker[0] == 1 || onlyOld is null, "A reader saw an old entry in new data.");
            sawNew |= marker[0] == 2;

            ReplicationInfo info = replica.Info;
            Assert.Equal(info.ReplicationId == oldId ? OldEntries + 1 : NewEntries, info.EntryCount);
            Assert.True(info.ReplicationId == oldId || info.ReplicationId == newId);
            looksAtOld += info.ReplicationId == oldId ? 1 : 0;
            looksDuringLoad += info.LinkState == ReplicationLinkState.ReceivingSnapshot ? 1 : 0;
        });
        reader.WaitForSteps(5);
        replica.Node.ReplicateFrom(proxy.EndPoint.ToString());
        replica.WaitFor(info => info.ReplicationId == newId, "the swap");
        reader.WaitForSteps(5);
        reader.Stop();

        replica.WaitUntilIdenticalTo(newMaster);
        Assert.True(sawNew);
        Assert.InRange(looksAtOld, 1, long.MaxValue);
        Assert.InRange(looksDuringLoad, 1, long.MaxValue);
    }

    [Fact]
    [Trait("Behaviour", "A7")]
    public void FullSync_LinkDiesAtRandomPointsOfTheSnapshot_OldDataIsIntactEachTimeAndTheSyncSucceedsInTheEnd()
    {
        const int Deaths = 200;
        const int ValueSize = 200;

        // Less than what a whole sync needs, so none succeeds before its time; positions within the handshake are among them.
        const int ShortestSync = NewEntries * ValueSize;
        using TestNode oldMaster = TestNode.Master().Fill(OldEntries, 100, "old");
        using TestNode newMaster = TestNode.Master().Fill(NewEntries, ValueSize);
        var random = new Random(7);
        int deathsLeft = -1;
        var connector = new CuttingConnector(_ =>
            deathsLeft < 0 ? null : Interlocked.Decrement(ref deathsLeft) >= 0 ? random.Next(ShortestSync) : null);
        using TestNode replica = TestNode.Replica(
            oldMaster.EndPoint, options => options.ReconnectDelay = TimeSpan.FromMilliseconds(10), connector: connector);
        replica.WaitForStreaming().WaitUntilEqualTo(oldMaster);
        string oldDigest = replica.Info.Digest;

        deathsLeft = Deaths;
        replica.Node.ReplicateFrom(newMaster.EndPoint);
        long failuresSeen = 0;
        while (replica.Info is { FullSyncsCompleted: 1 } info)
        {
            Assert.Equal((OldEntries, oldDigest), (info.EntryCount, info.Digest));
            if (replica.Get("old 0") is not { } value)
            {
                // The one that succeeded was completed since the state was taken.
                Assert.Equal(2, replica.Info.FullSyncsCompleted);
                break;
            }

            Assert.Equal(0, BinaryPrimitives.ReadInt32LittleEndian(value));
            long failures = replica.Peek(core => core.Counters.LinkFailures);
            if (failures != failuresSeen)
            {
                failuresSeen = failures;
                replica.AssertSound();
            }
        }

        replica.WaitForStreaming().WaitUntilIdenticalTo(newMaster);
        Assert.Equal(Deaths + 2, connector.Connections);
        Assert.Equal(Deaths, replica.Peek(core => core.Counters.LinkFailures));
        Assert.InRange(replica.Peek(core => core.Counters.FullSyncsFailed), Deaths * 9 / 10, Deaths);
        Assert.Equal(NewEntries, replica.Info.EntryCount);
    }

    [Fact]
    [Trait("Behaviour", "A13")]
    public void ReplicateFrom_TargetCannotBeReached_OwnDataIsUntouchedAndAttemptsGoOnWithBackOff()
    {
        using var log = new TraceLog();
        using TestNode node = TestNode.Master(options => options.ReconnectDelay = TimeSpan.FromMilliseconds(80), log).Fill(OldEntries, 100);
        (ReplicationId id, long offset, string digest) = (node.Info.ReplicationId, node.Info.ReplicationOffset, node.Info.Digest);

        node.Node.ReplicateFrom($"127.0.0.1:{FreePort.Next()}");
        node.WaitUntil(() => log.CountOf(LinkRetry) >= 8, () => "eight failed attempts");

        ReplicationInfo info = node.Info;
        Assert.Equal((id, offset, digest), (info.ReplicationId, info.ReplicationOffset, info.Digest));
        Assert.Equal(OldEntries, info.EntryCount);
        Assert.NotNull(node.Get("key 1"));
        Assert.Equal((ReplicationRole.Replica, true), (info.Role, info.IsReady));
        Assert.NotNull(info.LinkDownSince);
        Assert.NotNull(info.LinkDownReason);

        // Drawn from the upper halves of 50, 80, 80, … milliseconds; one warning, not one for each attempt.
        TimeSpan[] pauses = [.. log.Lines.Where(line => line.Id == LinkRetry).Select(line => TimeSpan.Parse(line.Text[(line.Text.LastIndexOf(' ') + 1)..], null))];
        Assert.InRange(pauses[0].TotalMilliseconds, 25, 50);
        Assert.All(pauses[1..], pause => Assert.InRange(pause.TotalMilliseconds, 40, 80));
        Assert.Equal(1, log.CountOf(LinkDown));
    }

    [Fact]
    [Trait("Behaviour", "D6")]
    public void Master_Stops_ReplicasStayReplicasServeReadsAndReportTheLinkDownAndSinceWhen()
    {
        TestNode master = TestNode.Master().Fill(OldEntries, 100);
        using TestNode first = TestNode.Replica(master.EndPoint).WaitForStreaming();
        using TestNode second = TestNode.Replica(master.EndPoint).WaitForStreaming();
        first.WaitUntilEqualTo(master);
        second.WaitUntilEqualTo(master);
        Assert.Null(first.Info.LinkDownSince);
        DateTimeOffset before = DateTimeOffset.UtcNow;

        master.Dispose();

        foreach (TestNode replica in new[] { first, second })
        {
            replica.WaitFor(info => info.LinkState != ReplicationLinkState.Streaming, "the link is down");
            ReplicationInfo info = replica.Info;
            Assert.Equal((ReplicationRole.Replica, true, OldEntries), (info.Role, info.IsReady, info.EntryCount));
            Assert.NotNull(replica.Get("key 1"));
            Assert.Throws<ReadOnlyReplicaException>(() => replica.Set("k", [1]));
            Assert.InRange(info.LinkDownSince!.Value, before.AddMilliseconds(-1), info.TakenAt);
            Assert.NotNull(info.LinkDownReason);
            Assert.Contains("master_link_status:down\r\n", info.ToRedisText(), StringComparison.Ordinal);

            // Attempts go on, and their failures do not move the moment.
            long failures = replica.Peek(core => core.Counters.LinkFailures);
            replica.WaitUntil(() => replica.Peek(core => core.Counters.LinkFailures) >= failures + 2, () => "further attempts");
            Assert.Equal(info.LinkDownSince, replica.Info.LinkDownSince);
        }
    }

    private const int LinkDown = 1203;
    private const int LinkRetry = 1204;
}
