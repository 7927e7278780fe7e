namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>What an operator orders a node to do, in the node's own process.</summary>
internal static class NodeOrders
{
    /// <summary>The node follows another one from now on; its data stays until a full sync is through.</summary>
    public static string Follow(IReplicatedCache cache, string master)
    {
        cache.ReplicateFromAsync(master).GetAwaiter().GetResult();
        return ChildLoop.Done;
    }

    /// <summary>The node stands alone and holds nothing, as a new one does; its process and its memory are warm.</summary>
    public static string Empty(IReplicatedCache cache)
    {
        cache.PromoteAsync().GetAwaiter().GetResult();
        cache.Clear();
        return ChildLoop.Done;
    }
}
