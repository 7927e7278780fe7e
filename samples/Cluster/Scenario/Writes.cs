using System.Text;
using EmbeddedRepl.Samples.Cluster.Nodes;
using EmbeddedRepl.Samples.Cluster.Traffic;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>What the steps of a failover share: some writes at whoever is the master, and the comparison of nodes afterwards.</summary>
internal static class Writes
{
    private const int Count = 200;

    /// <summary>Writes entries whose keys and values are named after the moment.</summary>
    public static async Task WriteSomeAsync(this Demo demo, Node master, string name, CancellationToken cancellationToken)
    {
        for (int i = 0; i < Count; i++)
        {
            await master.PutEntryAsync($"{name}:{i}", Encoding.UTF8.GetBytes($"{name} {i}"), "", cancellationToken);
        }

        demo.Tell($"wrote {Count} entries '{name}:…' to {master.Name}");
    }

    /// <summary>Waits until the given nodes have the same history, offset and data, and checks that what was written is there.</summary>
    /// <returns>The reports of all nodes; null for one that does not answer.</returns>
    public static async Task<NodeReport?[]> CompareAsync(this Demo demo, Node[] nodes, string[] names, CancellationToken cancellationToken)
    {
        int[] places = [.. nodes.Select(node => demo.Nodes.All.ToList().IndexOf(node))];
        NodeReport?[] all = await demo.WaitUntilAsync(
            $"{string.Join(", ", nodes.Select(node => node.Name))} have the same history and offset",
            reports => places.All(place => reports[place] is not null)
                && places.Select(place => (reports[place]!.ReplicationId, reports[place]!.ReplicationOffset)).Distinct().Count() == 1,
            cancellationToken);
        NodeReport[] reports = [.. places.Select(place => all[place]!)];
        demo.Checks.That(
            $"{nodes.Length} nodes are equal: id, offset, entries, digest",
            reports.Select(report => (report.Digest, report.EntryCount)).Distinct().Count() == 1,
            $"offset {reports[0].ReplicationOffset:N0}, {reports[0].EntryCount:N0} entries");
        int wrong = 0;
        foreach (Node node in nodes)
        {
            foreach (string name in names)
            {
                byte[]? value = await node.GetEntryAsync($"{name}:{Count - 1}", cancellationToken);
                wrong += value is not null && Encoding.UTF8.GetString(value) == $"{name} {Count - 1}" ? 0 : 1;
            }
        }

        demo.Checks.That("each of them has what was written in every step so far", wrong == 0, string.Join(", ", names));
        return all;
    }
}
