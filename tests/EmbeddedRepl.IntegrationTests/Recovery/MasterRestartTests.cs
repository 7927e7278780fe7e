using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.IntegrationTests.Processes;
using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.IntegrationTests.Recovery;

/// <summary>Masters that are killed or stopped and come back without their data, as processes.</summary>
public class MasterRestartTests
{
    private readonly string _master = $"127.0.0.1:{FreePort.Next()}";

    [Fact]
    [Trait("Behaviour", "D8")]
    public void Master_KilledAndRestartedWithoutItsData_TakesItFromItsReplicasAndContinuesThemPartially()
    {
        ProcessNode master = StartMaster();
        using ProcessNode first = ProcessNode.Replica(_master).WaitForStreaming();
        using ProcessNode second = ProcessNode.Replica(_master).WaitForStreaming();
        master.Tell("set k 20000 100");
        WaitUntilEqual(master, first, second);
        master.Tell("write w 100 1000");
        first.WaitFor(status => status.Offset > master.Info.Offset - 1_000_000 && status.EntryCount == 20_100, "writes arrive");
        master.Kill();
        master.Dispose();
        long most = Math.Max(first.Info.Offset, second.Info.Offset);

        using ProcessNode restarted = StartMaster();
        WaitUntilEqual(restarted, first, second);

        NodeStatus status = restarted.Info;
        Assert.Equal((most, 20_100, 1), (status.Offset, status.EntryCount, status.RecoveriesTaken));
        Assert.Equal((0, 2, 0), (status.SyncFull, status.SyncPartialOk, status.SyncPartialErr));
        Assert.Equal((1, 1), (first.Info.FullSyncsCompleted, second.Info.FullSyncsCompleted));
        restarted.Tell("set after 100 100");
        WaitUntilEqual(restarted, first, second);
    }

    [Fact]
    [Trait("Behaviour", "D12")]
    public void Master_KilledAndRestartedWithAnOlderFile_TakesTheMissingBytesFromItsReplicas()
    {
        using var folder = new TempFolder();
        string[] settings = [$"SnapshotDirectory={folder.FullName}", "SnapshotInterval=00:00:00"];
        ProcessNode master = StartMaster(settings);
        using ProcessNode first = ProcessNode.Replica(_master).WaitForStreaming();
        using ProcessNode second = ProcessNode.Replica(_master).WaitForStreaming();
        master.Tell("set k 5000 100");
        master.Tell("save");
        master.Tell("set missing 200 1000");
        WaitUntilEqual(master, first, second);
        (string digest, long offset) = (first.Info.Digest, first.Info.Offset);
        master.Kill();
        master.Dispose();

        using ProcessNode restarted = StartMaster(settings);
        WaitUntilEqual(restarted, first, second);

        NodeStatus status = restarted.Info;
        Assert.Equal((digest, offset, 5200), (status.Digest, status.Offset, status.EntryCount));
        Assert.Equal((0, 2, 0, 1), (status.SyncFull, status.SyncPartialOk, status.SyncPartialErr, status.RecoveriesTaken));
        Assert.Contains("(Partial)", restarted.Log, StringComparison.Ordinal);
        Assert.Equal((1, 1), (first.Info.FullSyncsCompleted, second.Info.FullSyncsCompleted));
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void EveryNodeWithAFile_KilledAndStartedAtOnce_TheMostAdvancedFileCounts()
    {
        using var folder = new TempFolder();
        string[] SettingsOf(string name) => [$"SnapshotDirectory={folder[name]}", "SnapshotInterval=00:00:00"];
        ProcessNode master = StartMaster(SettingsOf("master"));
        ProcessNode first = ProcessNode.Replica(_master, SettingsOf("first"));
        ProcessNode second = ProcessNode.Replica(_master, SettingsOf("second"));
        first.WaitForStreaming();
        second.WaitForStreaming();
        master.Tell("set k 2000 100");
        WaitUntilEqual(master, first, second);
        master.Tell("save");
        second.Tell("save");
        master.Tell("set later 300 100");
        WaitUntilEqual(master, first, second);
        first.Tell("save");
        string digest = first.Info.Digest;
        foreach (ProcessNode node in (ProcessNode[])[master, first, second])
        {
            node.Kill();
            node.Dispose();
        }

        using ProcessNode newFirst = ProcessNode.Replica(_master, SettingsOf("first"));
        using ProcessNode newMaster = StartMaster(SettingsOf("master"));
        using ProcessNode newSecond = ProcessNode.Replica(_master, SettingsOf("second"));
        WaitUntilEqual(newMaster, newFirst, newSecond);

        Assert.Equal((digest, 2300, 1), (newMaster.Info.Digest, newMaster.Info.EntryCount, newMaster.Info.RecoveriesTaken));
        Assert.Equal(0, newFirst.Info.FullSyncsCompleted);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void MasterAndAReplica_RestartAtOnce_TheSurvivorGivesEverythingBack()
    {
        ProcessNode master = StartMaster();
        ProcessNode first = ProcessNode.Replica(_master);
        using ProcessNode survivor = ProcessNode.Replica(_master);
        first.WaitForStreaming();
        survivor.WaitForStreaming();
        master.Tell("set k 5000 100");
        WaitUntilEqual(master, first, survivor);
        string digest = survivor.Info.Digest;
        master.Kill();
        first.Kill();
        master.Dispose();
        first.Dispose();

        using ProcessNode restartedReplica = ProcessNode.Replica(_master);
        using ProcessNode restarted = StartMaster();
        WaitUntilEqual(restarted, restartedReplica, survivor);

        Assert.Equal((digest, 5000), (restarted.Info.Digest, restarted.Info.EntryCount));
        Assert.Equal(1, survivor.Info.FullSyncsCompleted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Behaviour", "D14")]
    public void EveryNode_RestartedInTurnUnderWrites_LosesNothingAndContinuesWhoWasCurrent(bool killed)
    {
        ProcessNode[] nodes = [StartMaster(), ProcessNode.Replica(_master), ProcessNode.Replica(_master)];
        try
        {
            int written = 0;
            for (int round = 0; round < 2; round++)
            {
                for (int i = nodes.Length - 1; i >= 0; i--)
                {
                    nodes[0].Tell($"set r{written++} 50 100");
                    WaitUntilEqual(nodes[0], nodes[1], nodes[2]);
                    nodes[0].Tell("write w 50 200");
                    nodes[1].WaitFor(status => status.EntryCount == (written * 50) + 50, "writes arrive");
                    End(nodes[i], killed);
                    nodes[i].Dispose();
                    nodes[i] = i == 0 ? StartMaster() : ProcessNode.Replica(_master);

                    // On a master that recovers, these writes wait for it.
                    nodes[0].Tell($"set r{written++} 50 100");
                    nodes[0].Tell("pause");
                    WaitUntilEqual(nodes[0], nodes[1], nodes[2]);
                    Assert.Equal((written * 50) + 50, nodes[i].Info.EntryCount);
                    if (i == 0)
                    {
                        NodeStatus status = nodes[0].Info;
                        Assert.Equal((0, 2, 0, 1), (status.SyncFull, status.SyncPartialOk, status.SyncPartialErr, status.RecoveriesTaken));
                    }
                }
            }
        }
        finally
        {
            foreach (ProcessNode node in nodes)
            {
                node.Dispose();
            }
        }
    }

    private static void End(ProcessNode node, bool killed)
    {
        if (killed)
        {
            node.Kill();
        }
        else
        {
            node.Stop();
        }
    }

    private static void WaitUntilEqual(ProcessNode master, params ProcessNode[] replicas)
    {
        foreach (ProcessNode replica in replicas)
        {
            NodeStatus expected = master.Info;
            replica.WaitFor(
                status =>
                {
                    expected = master.Info;
                    return expected.RecoveryState == nameof(RecoveryState.None) && (status.Id, status.Offset) == (expected.Id, expected.Offset);
                },
                $"it is where its master is; {expected}");
            Assert.Equal(expected.Digest, replica.Info.Digest);
        }
    }

    // It waits for both of its replicas, as long as a busy machine takes to let them come.
    private ProcessNode StartMaster(params string[] settings) =>
        ProcessNode.Start(["Role=Master", $"Listen:0={_master}", "ExpectedReplicas=2", "RecoveryWindow=00:00:30", .. settings]);
}
