using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Scenario;

namespace EmbeddedRepl.Tests.Simulation;

public class ChurnScenarioTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [Trait("Behaviour", "C4")]
    public void FiveNodes_LinksCutAndRolesAndTopologyChangedFor40Seconds_EndEqualAndEachFullSyncHasItsReason(ulong seed)
    {
        ChurnScenario scenario = ChurnScenario.Run(seed);

        Assert.InRange(scenario.Cuts, 20, 80);
        Assert.InRange(scenario.Promotions, 2, 20);
        Assert.InRange(scenario.Cluster.Situations[SituationCatalogue.PartialWithBytes], 5, int.MaxValue);
        Assert.Equal(scenario.Started, scenario.Cluster.Syncs.Explained);
        Assert.InRange(scenario.Started - scenario.Completed, 0, scenario.Cuts);
        Assert.InRange(scenario.Completed, 4, int.MaxValue);
    }
}
