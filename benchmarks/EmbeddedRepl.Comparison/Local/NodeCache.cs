using EmbeddedRepl.Comparison.Nodes;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Comparison.Local;

/// <summary>
/// Ours: a master that could have replicas and has none. It keeps no backlog, as a Redis without replicas keeps none; with one it takes <c>BacklogSize</c> more, 16 MiB by default, whatever
/// the number of entries.
/// </summary>
internal sealed class NodeCache : ILocalCache
{
    public const string Kind = "ours";

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private readonly LocalNode _node = LocalNode.StartMaster("BacklogSize=0");

    public void Set(string key, byte[] value) => _node.Cache.Set(key, value, NoExpiration);

    public byte[]? Get(string key) => _node.Cache.Get(key);

    public void Remove(string key) => _node.Cache.Remove(key);

    public void Dispose() => _node.Dispose();
}
