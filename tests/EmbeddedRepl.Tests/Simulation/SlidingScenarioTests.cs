using EmbeddedRepl.Simulation.Scenario;

namespace EmbeddedRepl.Tests.Simulation;

public class SlidingScenarioTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [Trait("Behaviour", "E6")]
    [Trait("Behaviour", "E7")]
    public void SlidingEntries_ReadOnlyOnReplicasWhileLinksAreCut_AreOnEveryNodeForAsLongAsTheyAreRead(ulong seed)
    {
        var scenario = SlidingScenario.Run(seed, shortest: 6_000, longest: 40_000, skew: (0, 0), latest: 5_000, duration: 200_000);

        Assert.True(scenario.Cuts > 10 && scenario.Reads > scenario.TouchRecords, $"{scenario.Cuts} cuts, {scenario.Reads} reads, {scenario.TouchRecords} records");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [Trait("Behaviour", "E6")]
    [Trait("Behaviour", "E11")]
    public void SlidingEntries_ReadOnlyWhereClocksAreOffByUpToFiveMinutes_AreOnEveryNodeForAsLongAsTheyAreRead(ulong seed)
    {
        var scenario = SlidingScenario.Run(seed, shortest: 400_000, longest: 800_000, skew: (300_000, 300_000), latest: 310_000, duration: 3_600_000);

        Assert.True(scenario.Cuts > 10 && scenario.Reads > scenario.TouchRecords, $"{scenario.Cuts} cuts, {scenario.Reads} reads, {scenario.TouchRecords} records");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Behaviour", "E11")]
    public void SlidingEntries_ReadOnlyWhereClocksAreBehindByMoreThanTheWindow_AreOnEveryNodeForAsLongAsTheyAreRead(ulong seed)
    {
        var scenario = SlidingScenario.Run(seed, shortest: 6_000, longest: 40_000, skew: (300_000, 0), latest: 5_000, duration: 200_000);

        Assert.True(scenario.Cuts > 10 && scenario.Reads > scenario.TouchRecords, $"{scenario.Cuts} cuts, {scenario.Reads} reads, {scenario.TouchRecords} records");
    }
}
