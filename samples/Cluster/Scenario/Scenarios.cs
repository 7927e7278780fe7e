namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>The orders in which the steps can be run.</summary>
internal static class Scenarios
{
    private static readonly Dictionary<string, Func<IEnumerable<IStep>>> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["default"] = () =>
        [
            new StartStep(), new TrafficStep(), new KillStep(), new FreezeReplicaStep(), new FreezeMasterStep(), new CompareStep(),
        ],
        ["kill"] = () => [new StartStep(), new TrafficStep(), new KillStep(), new CompareStep()],
        ["freeze"] = () => [new StartStep(), new TrafficStep(), new FreezeReplicaStep(), new FreezeMasterStep(), new CompareStep()],
        ["calm"] = () => [new StartStep(), new TrafficStep(), new CompareStep()],
    };

    /// <summary>What <c>--scenario</c> accepts.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>Makes the steps of a scenario.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="keepRunning">Whether the nodes are to be left running.</param>
    public static IEnumerable<IStep> Create(string name, bool keepRunning) =>
        keepRunning ? ByName[name]() : [.. ByName[name](), new StopStep()];
}
