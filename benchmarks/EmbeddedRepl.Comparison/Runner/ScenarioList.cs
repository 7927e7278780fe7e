using EmbeddedRepl.Comparison.Scenarios;
using EmbeddedRepl.Comparison.Scenarios.FanOut;
using EmbeddedRepl.Comparison.Scenarios.Syncs;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>All scenarios, in the order in which they are run.</summary>
internal static class ScenarioList
{
    public static IReadOnlyList<IScenario> All { get; } =
    [
        new WritesScenario(),
        new FullSyncScenario(),
        new SyncImpactScenario(),
        new PropagationScenario(),
        new FanOutScenario(),
        new ReconnectScenario(),
    ];
}
