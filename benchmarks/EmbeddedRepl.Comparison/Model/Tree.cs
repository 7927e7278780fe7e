namespace EmbeddedRepl.Comparison.Model;

/// <summary>How nodes follow one another: each has at most so many direct replicas.</summary>
/// <param name="Nodes">All of them, the master included.</param>
/// <param name="FanOut">Direct replicas of a node at most.</param>
internal sealed record Tree(int Nodes, int FanOut)
{
    /// <summary>All follow the master.</summary>
    public static Tree Star(int nodes) => new(nodes, nodes - 1);

    /// <summary>Links from the master to the nodes that are farthest away.</summary>
    public int Depth
    {
        get
        {
            int depth = 0;
            long level = 1;
            for (long placed = 1; placed < Nodes; placed += level)
            {
                level *= FanOut;
                depth++;
            }

            return depth;
        }
    }

    /// <summary>Of the master.</summary>
    public int DirectReplicas => Math.Min(FanOut, Nodes - 1);

    public bool IsStar => FanOut >= Nodes - 1;

    public override string ToString() => IsStar ? "star" : $"tree of {FanOut}";
}
