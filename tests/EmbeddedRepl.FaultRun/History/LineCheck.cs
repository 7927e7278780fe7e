namespace EmbeddedRepl.FaultRun.History;

/// <summary>P2: no look at a node finds it further back, or on another line, than the look before, unless its data set was replaced.</summary>
internal static class LineCheck
{
    public static void Run(RunHistory history, List<Violation> violations)
    {
        foreach (string contradiction in history.Lineage.Contradictions)
        {
            violations.Add(new Violation("P1", contradiction));
        }

        foreach (NodeLog log in history.Logs)
        {
            foreach (List<NodeSight> sights in log.Sights.Values)
            {
                for (int i = 1; i < sights.Count; i++)
                {
                    (NodeSight before, NodeSight after) = (sights[i - 1], sights[i]);
                    if (after.Epoch < before.Epoch || (after.Epoch == before.Epoch && !history.Lineage.Contains(after.Place, before.Place)))
                    {
                        violations.Add(new Violation("P2", $"node {log.Node}, life {log.Life} went from {before.Place} to {after.Place} with the same data set"));
                    }
                }
            }
        }
    }
}
