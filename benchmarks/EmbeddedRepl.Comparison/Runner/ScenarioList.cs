using EmbeddedRepl.Comparison.Scenarios;
using EmbeddedRepl.Comparison.Scenarios.FanOut;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>All scenarios, in the order in which they are run.</summary>
internal static class ScenarioList
{
    public static IReadOnlyList<IScenario> All { get; } =
    [
        new WritesScenario(),
        new PropagationScenario(),
        new FanOutScenario(),
    ];
}
