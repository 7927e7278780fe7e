using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>What many replicas cost, below one master (<see cref="StarCost"/>, <see cref="RealReplicas"/>) and below one another (<see cref="ChainLag"/>).</summary>
internal sealed class FanOutScenario : IScenario
{
    public string Name => "fan-out";

    public string Summary => "the master's processor time and bytes with 1 to 50 replicas; the delay at the end of a chain of 5";

    public void Run(ScenarioContext context)
    {
        int keys = context.Size(100_000, 2_000);
        StarCost.Measure(context, keys);
        RealReplicas.Measure(context, keys);
        ChainLag.Measure(context, keys);
    }
}
