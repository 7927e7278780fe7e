using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.IntegrationTests.Processes;
using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Upgrade;

/// <summary>Nodes of the previous build and of this one in one cluster, in every place of it: what a rolling upgrade goes through, and what it goes back through.</summary>
[Collection(AloneCollection.Name)]
public sealed class UpgradeTests : IDisposable
{
    private const string Listen = "Listen:0=127.0.0.1:0";
    private const string Forward = "ReplicaWrites=Forward";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PreviousNodeTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pair_OfBothBuilds_SyncsFullyAndPartiallyAndTakesForwardedWrites(bool isMasterPrevious)
    {
        using ProcessNode master = PreviousNode.Start(isMasterPrevious, "Role=Master", Listen);
        master.Tell("set key 2000 300");
        master.Tell("set large 3 300000");
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 1);
        using ProcessNode replica = PreviousNode.Start(!isMasterPrevious, $"Master={proxy.EndPoint}", Forward).WaitForStreaming();
        AssertEqual(master, replica);

        master.Tell("write busy 100 200");
        for (int i = 0; i < 5; i++)
        {
            proxy.ResetAll();
            replica.WaitFor(status => status.PartialResyncsCompleted > i, "it continues partially").WaitForStreaming();
        }

        master.Tell("pause");
        replica.Tell("set forwarded 50 100");
        replica.Tell("remove key 7");
        Assert.Equal(master.Tell("get forwarded 49"), replica.Tell("get forwarded 49"));
        Assert.Equal("-", master.Tell("get key 7"));
        AssertEqual(master, replica);
        Assert.Equal((1, 0), (master.Info.SyncFull, master.Info.SyncPartialErr));

        replica.Tell("clear");
        Assert.Equal(0, master.Info.EntryCount);
    }

    [PreviousNodeTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Chain_OfTheOneTheOtherAndTheOneBuild_HasOneHistoryAndCarriesWritesUp(bool isMiddlePrevious)
    {
        using ProcessNode root = PreviousNode.Start(!isMiddlePrevious, "Role=Master", Listen);
        root.Tell("set key 1000 300");
        using ProcessNode middle = PreviousNode.Start(isMiddlePrevious, $"Master={root.EndPoint}", Listen, Forward).WaitForStreaming();
        using ProcessNode leaf = PreviousNode.Start(!isMiddlePrevious, $"Master={middle.EndPoint}", Forward).WaitForStreaming();
        root.Tell("write busy 100 200");
        leaf.Tell("set forwarded 100 100");
        root.Tell("pause");

        AssertEqual(root, middle, leaf);
        Assert.Equal(leaf.Tell("get forwarded 99"), root.Tell("get forwarded 99"));

        // Told to follow what follows it, the root finds the circle by the run ids that go round over both builds.
        root.Tell($"follow {middle.EndPoint}");
        root.WaitFor(status => status.LinkDownReason is not null, "it is refused");
        root.Tell("promote");
        leaf.Tell("set after 10 100");
        AssertEqual(root, middle, leaf);
    }

    [PreviousNodeTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void SlidingEntry_ReadOnlyOnAReplicaOfTheOtherBuild_StaysAliveOnTheMaster(bool isMasterPrevious)
    {
        using ProcessNode master = PreviousNode.Start(isMasterPrevious, "Role=Master", Listen);
        using ProcessNode replica = PreviousNode.Start(!isMasterPrevious, $"Master={master.EndPoint}", Forward).WaitForStreaming();

        // Only this build has a command for that; what it is on the wire, both know.
        ProcessNode writer = isMasterPrevious ? replica : master;
        writer.Tell("slide read 2000");
        writer.Tell("slide unread 2000");
        replica.WaitFor(status => status.EntryCount == 2, "it has both");

        master.WaitFor(
            status =>
            {
                replica.Tell("get read");
                return status.EntryCount == 1;
            },
            "what nobody reads has expired");
        for (int i = 0; i < 100; i++)
        {
            Assert.NotEqual("-", replica.Tell("get read"));
            Assert.Equal(1, master.Info.EntryCount);
            Thread.Sleep(20);
        }

        AssertEqual(master, replica);
    }

    [PreviousNodeTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void File_OfTheOneBuild_IsLoadedByTheOther(bool isWriterPrevious)
    {
        string[] settings = ["Role=Master", Listen, $"SnapshotDirectory={_folder["node"]}"];
        NodeStatus before;
        using (ProcessNode writer = PreviousNode.Start(isWriterPrevious, settings))
        {
            writer.Tell("set key 2000 300");
            writer.Tell("set large 3 300000");
            before = writer.Info;
            writer.Stop();
        }

        using ProcessNode reader = PreviousNode.Start(!isWriterPrevious, settings);

        Assert.Equal((before.EntryCount, before.Digest, before.Id), (reader.Info.EntryCount, reader.Info.Digest, reader.Info.PreviousId));
    }

    [PreviousNodeTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cluster_EachNodeRestartedInTurnAsTheOtherBuild_ContinuesPartiallyAndLosesNothing(bool isUpgrade)
    {
        string endPoint = $"127.0.0.1:{FreePort.Next()}";
        string[][] settings =
        [
            ["Role=Master", $"Listen:0={endPoint}", $"SnapshotDirectory={_folder["0"]}", "RecoveryWindow=00:00:05", "ExpectedReplicas=2"],
            [$"Master={endPoint}", Forward, $"SnapshotDirectory={_folder["1"]}"],
            [$"Master={endPoint}", Forward, $"SnapshotDirectory={_folder["2"]}"],
        ];
        ProcessNode[] nodes = [.. settings.Select(own => ProcessNode.BeginBuild(isUpgrade ? PreviousNode.Path : ProcessNode.ThisBuild, own)).Select(node => node.WaitUntilStarted())];
        try
        {
            nodes[0].WaitFor(status => status.RecoveryState == nameof(RecoveryState.None), "it accepts writes").Tell("set key 1000 300");
            foreach (int turn in new[] { 1, 2, 0 })
            {
                nodes[1].WaitForStreaming();
                nodes[2].WaitForStreaming();
                nodes[0].Tell($"set turn{turn} 100 300");
                AssertEqual(nodes);
                nodes[turn].Stop();
                nodes[turn].Dispose();
                if (turn != 0)
                {
                    nodes[0].Tell($"set meanwhile{turn} 100 300");
                }

                nodes[turn] = PreviousNode.Start(!isUpgrade, settings[turn]);
                nodes[0].WaitFor(status => status.RecoveryState == nameof(RecoveryState.None), "it accepts writes");
            }

            nodes[1].WaitForStreaming().Tell("set after 100 300");
            nodes[2].WaitForStreaming();
            AssertEqual(nodes);
            Assert.Equal(1000 + (3 * 100) + (2 * 100) + 100, nodes[0].Info.EntryCount);
            Assert.All(nodes[1..], node => Assert.Equal(0, node.Info.FullSyncsCompleted));
        }
        finally
        {
            foreach (ProcessNode node in nodes)
            {
                node.Dispose();
            }
        }
    }

    [PreviousNodeTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Master_KilledAndRestartedWithoutItsData_TakesItFromAReplicaOfTheOtherBuild(bool isMasterPrevious)
    {
        string[] settings = ["Role=Master", $"Listen:0=127.0.0.1:{FreePort.Next()}", "RecoveryWindow=00:00:30", "ExpectedReplicas=1"];
        ProcessNode master = PreviousNode.Start(isMasterPrevious, settings);
        try
        {
            using ProcessNode replica = PreviousNode.Start(!isMasterPrevious, $"Master={master.EndPoint}").WaitForStreaming();
            master.WaitFor(status => status.RecoveryState == nameof(RecoveryState.None), "it accepts writes").Tell("set key 2000 300");
            AssertEqual(master, replica);
            string digest = master.Info.Digest;
            master.Kill();
            master.Dispose();

            master = PreviousNode.Start(isMasterPrevious, settings);
            master.WaitFor(status => status.RecoveryState == nameof(RecoveryState.None), "it has recovered");

            Assert.Equal((digest, 1L), (master.Info.Digest, master.Info.RecoveriesTaken));
            replica.WaitForStreaming();
            master.Tell("set after 10 100");
            AssertEqual(master, replica);
        }
        finally
        {
            master.Dispose();
        }
    }

    [PreviousNodeTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Master_Dies_ANodeOfTheOneBuildIsPromotedAndOneOfTheOtherContinuesPartially(bool isPromotedPrevious)
    {
        using ProcessNode master = PreviousNode.Start(isPromotedPrevious, "Role=Master", Listen);
        using ProcessNode promoted = PreviousNode.Start(isPromotedPrevious, $"Master={master.EndPoint}", Listen).WaitForStreaming();
        using ProcessNode sibling = PreviousNode.Start(!isPromotedPrevious, $"Master={master.EndPoint}").WaitForStreaming();
        master.Tell("set key 2000 300");
        AssertEqual(master, promoted, sibling);
        master.Kill();

        promoted.Tell("promote");
        promoted.Tell("set after 10 100");
        sibling.Tell($"follow {promoted.EndPoint}");

        AssertEqual(promoted, sibling);
        Assert.Equal((1, 1), (sibling.Info.FullSyncsCompleted, sibling.Info.PartialResyncsCompleted));
    }

    private static void AssertEqual(params ProcessNode[] nodes)
    {
        NodeStatus first = nodes[0].Info;
        foreach (ProcessNode node in nodes[1..])
        {
            node.WaitFor(status => (status.Id, status.Offset) == (first.Id, first.Offset), $"it has what the first one has, {first}");
            Assert.Equal((first.Digest, first.EntryCount, 0L), (node.Info.Digest, node.Info.EntryCount, node.Info.DigestMismatches));
        }
    }
}
