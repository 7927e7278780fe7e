namespace EmbeddedRepl.Replication;

/// <summary>
/// The lines of history that this node gave up for another one, because somebody ordered it, a master carried an override, or a promotion
/// had ended them. Its sub-replicas were on the same lines; so an order that was given to this node is meant for them as well, and for nobody
/// else. Lasts as long as the process; called under the gate.
/// </summary>
internal sealed class ReplacedLines
{
    /// <summary>How many are remembered. Beyond it the oldest is forgotten, and who is still on it needs an order of its own.</summary>
    public const int Limit = 16;

    private readonly List<(ReplicationHistory History, long End)> _lines = new(1);

    public int Count => _lines.Count;

    /// <summary>This node leaves a line that it was on up to <paramref name="offset"/>.</summary>
    public void Add(ReplicationHistory history, long offset)
    {
        if (history.IsNone)
        {
            return;
        }

        _lines.RemoveAll(line => line.History.Id == history.Id && line.End <= offset);
        if (_lines.Count == Limit)
        {
            _lines.RemoveAt(0);
        }

        _lines.Add((history, offset));
    }

    /// <summary>
    /// Whether this node once had everything that a node at the given position has: then it loses nothing that this node was not told to
    /// give up. One that went further decides for itself.
    /// </summary>
    public bool Cover(ReplicationId id, long offset)
    {
        foreach ((ReplicationHistory history, long end) in _lines)
        {
            if (offset <= end && history.Contains(id, offset))
            {
                return true;
            }
        }

        return false;
    }
}
