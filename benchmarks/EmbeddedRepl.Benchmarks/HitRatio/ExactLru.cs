namespace EmbeddedRepl.Benchmarks.HitRatio;

/// <summary>Least recently used, exactly, by number of entries.</summary>
internal sealed class ExactLru(int capacity) : IHitRatioCache
{
    private readonly Dictionary<int, LinkedListNode<int>> _nodes = new(capacity);
    private readonly LinkedList<int> _order = new();

    public bool Access(int key)
    {
        if (_nodes.TryGetValue(key, out LinkedListNode<int>? node))
        {
            _order.Remove(node);
            _order.AddFirst(node);
            return true;
        }

        if (_nodes.Count == capacity)
        {
            node = _order.Last!;
            _nodes.Remove(node.Value);
            _order.RemoveLast();
            node.Value = key;
        }
        else
        {
            node = new LinkedListNode<int>(key);
        }

        _order.AddFirst(node);
        _nodes.Add(key, node);
        return false;
    }
}
