using EmbeddedRepl.IntegrationTests.Nodes;
using Xunit.Abstractions;

namespace EmbeddedRepl.IntegrationTests.Processes.Kills;

/// <summary>A hundred processes start and load the machine, so they have it for themselves.</summary>
[Collection(AloneCollection.Name)]
public class KillTests(ITestOutputHelper output)
{
    private const int Kills = 100;

    [Fact]
    [Trait("Behaviour", "G3")]
    public void Cluster_MasterOrReplicaKilled100TimesAtAnyMoment_SurvivorsServeEveryFileLoadsAndAllConverge()
    {
        int seed = TestSeed.Draw();
        string summary = "nothing";
        try
        {
            using var cluster = new KilledCluster(seed);
            while (cluster.Kills < Kills)
            {
                cluster.PlayRound();
                summary = $"{cluster.Kills} kills, {cluster.KillsOfTheMaster} of the master, {cluster.KillsWhileSaving} while it saved, "
                    + $"{cluster.KillsWhileSyncing} while it synced, {cluster.KillsWhileStarting} while it started";
            }

            output.WriteLine(summary);
            Assert.True(cluster.KillsOfTheMaster > 0 && cluster.KillsWhileSaving > 0 && cluster.KillsWhileSyncing > 0 && cluster.KillsWhileStarting > 0, summary);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"With {TestSeed.Variable}={seed}, after {summary}: {exception.Message}", exception);
        }
    }
}
