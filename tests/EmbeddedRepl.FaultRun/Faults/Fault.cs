namespace EmbeddedRepl.FaultRun.Faults;

/// <summary>One thing that is done to the cluster and undone after a while.</summary>
/// <param name="Kind">Its name in the report.</param>
/// <param name="Nodes">The nodes that it hits; nobody counts on them meanwhile.</param>
/// <param name="Lasts">How long; zero for what is over at once.</param>
/// <param name="Begin">Does it.</param>
/// <param name="End">Undoes it.</param>
internal sealed record Fault(string Kind, int[] Nodes, TimeSpan Lasts, Action Begin, Action End)
{
    public Fault(string kind, int[] nodes, Action begin)
        : this(kind, nodes, TimeSpan.Zero, begin, static () => { })
    {
    }
}
