namespace EmbeddedRepl.IntegrationTests.Processes.Churn;

/// <summary>Which history continued which, and from where on: what whoever ordered the promotions knows of them.</summary>
internal sealed class HistoryTree
{
    private readonly Dictionary<string, (string? Parent, long Start)> _histories = [];

    /// <summary>The first history of all.</summary>
    public void Begin(string id) => _histories.Add(id, (null, 0));

    /// <summary>A promotion made a history out of another one, which it continues from an offset on.</summary>
    public void Continue(string id, string parent, long start)
    {
        Assert.True(_histories.ContainsKey(parent), "A node was promoted that was on a history of nobody's.");
        _histories.Add(id, (parent, start));
    }

    /// <summary>Whether a node at a place in one history has nothing that the other history lacks.</summary>
    public bool Contains(string history, string other, long offset)
    {
        long end = long.MaxValue;
        for (string? id = history; id is not null;)
        {
            if (id == other)
            {
                return offset <= end;
            }

            (string? parent, long start) = _histories[id];
            end = Math.Min(end, start);
            id = parent;
        }

        return false;
    }

    /// <summary>How many promotions a history is away from one that it comes from; null if it does not.</summary>
    public int? Generations(string history, string ancestor)
    {
        int generations = 0;
        for (string? id = history; id is not null; id = _histories[id].Parent)
        {
            if (id == ancestor)
            {
                return generations;
            }

            generations++;
        }

        return null;
    }
}
