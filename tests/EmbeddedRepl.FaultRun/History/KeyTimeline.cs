namespace EmbeddedRepl.FaultRun.History;

/// <summary>Where on which history which operations changed one key.</summary>
internal sealed class KeyTimeline
{
    private readonly Dictionary<string, List<Operation>> _operations = [];

    /// <summary>Sets and removals of this key, and clears, that have a place; each under the id of its place.</summary>
    public void Add(Operation operation)
    {
        string id = operation.Place!.Value.Id;
        if (!_operations.TryGetValue(id, out List<Operation>? operations))
        {
            _operations[id] = operations = [];
        }

        operations.Add(operation);
    }

    public void Sort()
    {
        foreach (List<Operation> operations in _operations.Values)
        {
            operations.Sort(static (a, b) => a.Place!.Value.Offset.CompareTo(b.Place!.Value.Offset));
        }
    }

    /// <summary>The last operation on the line of this id that ends behind <paramref name="after"/> and not behind <paramref name="upTo"/>.</summary>
    public Operation? Last(Lineage lineage, string id, long after, long upTo)
    {
        foreach ((string piece, long from, long to) in lineage.Pieces(id))
        {
            if (to <= after)
            {
                return null;
            }

            if (_operations.TryGetValue(piece, out List<Operation>? operations) && FindLast(operations, Math.Min(to, upTo)) is { } last
                && last.Place!.Value.Offset > Math.Max(from, after))
            {
                return last;
            }
        }

        return null;
    }

    private static Operation? FindLast(List<Operation> operations, long upTo)
    {
        int low = 0;
        for (int high = operations.Count; low < high;)
        {
            int middle = (low + high) / 2;
            if (operations[middle].Place!.Value.Offset <= upTo)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? null : operations[low - 1];
    }
}
