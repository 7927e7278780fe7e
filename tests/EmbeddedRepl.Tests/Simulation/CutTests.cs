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

    [Theory]
    [InlineData(CutKind.Break)]
    [InlineData(CutKind.Silence)]
    [InlineData(CutKind.Flip)]
    [Trait("Behaviour", "N4")]
    [Trait("Behaviour", "N11")]
    internal void Chain_CutAtEveryByteOfAForwardedWriteOnEachHop_TellsTheCallerTheTruth(CutKind kind)
    {
        CutReport report = ForwardCutScenario.Run(kind, size: 40, stride: 1);

        Assert.Empty(report.Failures);
        Assert.InRange(report.Passed, 600, 2_000);
    }

    [Theory]
    [InlineData(CutKind.Break)]
    [InlineData(CutKind.Flip)]
    [Trait("Behaviour", "N4")]
    [Trait("Behaviour", "N11")]
    internal void Chain_CutInALargeForwardedWriteOnEachHop_TellsTheCallerTheTruth(CutKind kind)
    {
        CutReport report = ForwardCutScenario.Run(kind, size: 150_000, stride: 5_003);

        Assert.Empty(report.Failures);
        Assert.InRange(report.Passed, 100, 500);
    }
}
