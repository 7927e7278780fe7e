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
        ["failover"] = () => [new StartStep(), new ChainStep(), new PromoteStep(), new ReturnStep(), new SwitchBackStep()],
        ["calm"] = () => [new StartStep(), new TrafficStep(), new CompareStep()],
    };

    private static readonly Dictionary<string, string> Stories = new(StringComparer.OrdinalIgnoreCase)
    {
        ["default"] = "traffic at all nodes while a replica is killed, a replica is frozen, and the master is frozen",
        ["kill"] = "the same, with the killed replica only",
        ["freeze"] = "the same, with the frozen nodes only",
        ["failover"] = "a chain; the master stops, a replica is promoted; the old master returns; the roles are switched back",
        ["calm"] = "traffic at all nodes, and nothing happens to them",
    };

    /// <summary>Each scenario with what it shows.</summary>
    public static IEnumerable<(string Name, string Story)> All => ByName.Keys.Select(name => (name, Stories[name]));

    /// <summary>What <c>--scenario</c> accepts.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>Makes the steps of a scenario.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="keepRunning">Whether the nodes are to be left running.</param>
    public static IEnumerable<IStep> Create(string name, bool keepRunning) =>
        keepRunning ? ByName[name]() : [.. ByName[name](), new StopStep()];
}
