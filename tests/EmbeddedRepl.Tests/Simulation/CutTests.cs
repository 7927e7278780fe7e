using EmbeddedRepl.Simulation.Scenario;

namespace EmbeddedRepl.Tests.Simulation;

public class CutTests
{
    [Theory]
    [InlineData(CutCase.FullSync, CutKind.Break)]
    [InlineData(CutCase.PartialResync, CutKind.Break)]
    [InlineData(CutCase.FullSync, CutKind.Flip)]
    [Trait("Behaviour", "G6")]
    internal void Link_CutAtEveryByteOfHandshakeSnapshotAndStream_KeepsOldDataAndEndsEqual(CutCase scenario, CutKind kind)
    {
        CutReport report = CutScenario.Run(scenario, kind);

        Assert.Empty(report.Failures);
        Assert.InRange(report.Passed, 800, 5_000);
    }
}
