namespace EmbeddedRepl.Comparison.Model;

/// <summary>How many direct replicas a node can have until something has run out, for each thing that can.</summary>
internal static class DesignEnd
{
    // So many that each gets the fewest pieces; how many it is in the end is what is asked.
    private const int Many = 100;

    /// <returns>The resources, the scarcest first.</returns>
    public static IReadOnlyList<(string Resource, double Replicas)> Of(CostModel model, Machine machine, Workload load)
    {
        double cores = (machine.Cores - model.MasterCores(load, new Tree(1, 0))) / model.CoresOfReplica(load, Many);
        double restart = Math.Floor(machine.RestartSeconds / model.FullSync(load)) * machine.ConcurrentFullSyncs;
        (string Resource, double Replicas)[] all =
        [
            ("processor", Math.Max(0, Math.Floor(cores))),
            ("network", Math.Floor(machine.NetworkBytes / model.BytesToReplica(load, Many))),
            ("restart time", restart),
            ("MaxReplicas", machine.MaxReplicas),
        ];
        return [.. all.OrderBy(one => one.Replicas)];
    }
}
