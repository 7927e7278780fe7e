using EmbeddedRepl.Comparison.Scenarios;
using EmbeddedRepl.Comparison.Scenarios.FanOut;
using EmbeddedRepl.Comparison.Scenarios.Gc;
using EmbeddedRepl.Comparison.Scenarios.Memory;
using EmbeddedRepl.Comparison.Scenarios.Reads;
using EmbeddedRepl.Comparison.Scenarios.Syncs;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>All scenarios, in the order in which they are run.</summary>
internal static class ScenarioList
{
    public static IReadOnlyList<IScenario> All { get; } =
    [
        new ReadsScenario(),
        new WritesScenario(),
        new FullSyncScenario(),
        new SyncImpactScenario(),
        new PropagationScenario(),
        new FanOutScenario(),
        new MemoryScenario(),
        new GcScenario(),
        new RestartScenario(),
        new ReconnectScenario(),
    ];
}
