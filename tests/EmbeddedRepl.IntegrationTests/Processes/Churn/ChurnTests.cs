using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.Replication;
using Xunit.Abstractions;

namespace EmbeddedRepl.IntegrationTests.Processes.Churn;

public class ChurnTests(ITestOutputHelper output)
{
    private const int Nodes = 5;

    [Fact]
    [Trait("Behaviour", "C4")]
    public void FiveProcesses_LinksCutAndRolesAndTopologyChangedFor40SecondsUnderLoad_EndEqualAndEachFullSyncHasItsReason()
    {
        int seed = TestSeed.Draw();
        try
        {
            using var cluster = new ChurnedCluster(Nodes, seed);
            cluster.Play(TimeSpan.FromSeconds(40));
            cluster.Settle();
            AssertEqual(cluster);
            AssertExplained(cluster);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"With {TestSeed.Variable}={seed}: {exception.Message}", exception);
        }
    }

    private static void AssertEqual(ChurnedCluster cluster)
    {
        NodeStatus[] all = [.. cluster.Nodes.Select(node => node.Info)];
        Assert.True(cluster.Cuts > 0 && cluster.Promotions > 0, "Nothing has happened.");
        Assert.True(all[0].EntryCount > 0 && all[0].Offset < ChurnedCluster.BacklogSize, $"{all[0]}");
        foreach (NodeStatus status in all)
        {
            Assert.Equal((all[0].Id, all[0].Offset, all[0].Digest, all[0].EntryCount), (status.Id, status.Offset, status.Digest, status.EntryCount));
            Assert.Equal((0, 0), (status.DigestMismatches, status.OutputLimitDisconnects));
        }
    }

    private void AssertExplained(ChurnedCluster cluster)
    {
        IReadOnlyList<SyncNote>[] notes = [.. cluster.Nodes.Select(node => node.Syncs)];
        var full = new Dictionary<SyncReason, int>();
        int partial = 0;
        for (int i = 0; i < Nodes; i++)
        {
            var explanation = new SyncExplanation(cluster.Histories);
            explanation.Explain(notes[i]);

            // Nothing happened that was not noted, so nothing was left unexplained.
            NodeStatus status = cluster.Nodes[i].Info;
            Assert.Equal(
                (status.SyncFull, status.SyncPartialOk, status.FullSyncsCompleted), (explanation.Full.Values.Sum(), explanation.Partial, explanation.Received));
            partial += explanation.Partial;
            foreach ((SyncReason reason, int count) in explanation.Full)
            {
                full[reason] = full.GetValueOrDefault(reason) + count;
            }

            new ReplacementExplanation(cluster.Histories).Explain(notes[i], master => notes[cluster.NodeBehind(master)]);
        }

        string summary = $"{cluster.Cuts} cuts, {cluster.Promotions} promotions, {partial} partial resyncs, full ones: {string.Join(", ", full)}";
        output.WriteLine(summary);
        Assert.True(full[SyncReason.AskerHasNoHistory] >= Nodes - 1 && partial > 0, summary);
    }
}
