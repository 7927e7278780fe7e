using System.Buffers;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Benchmarks.HitRatio;

/// <summary>The real thing: a node with a memory limit, a master without replicas.</summary>
internal sealed class StoreCache : IHitRatioCache, IDisposable
{
    /// <summary>Size of each value in bytes.</summary>
    public const int ValueSize = 100;

    private readonly ReplicatedNode _node;
    private readonly byte[] _value = new byte[ValueSize];
    private readonly byte[] _destination = new byte[ValueSize];

    public StoreCache(long memoryLimit) =>
        _node = new ReplicatedNode(new ReplicatedCacheOptions { MemoryLimit = memoryLimit }, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>How many entries it holds.</summary>
    public long Count => _node.GetStatistics().Count;

    /// <summary>A key of 16 characters, made anew, as requests bring them.</summary>
    public static string KeyOf(int number) => string.Create(16, number, (chars, n) =>
    {
        "item-key:".CopyTo(chars);
        n.TryFormat(chars[9..], out _, "x7");
    });

    public bool Access(int key)
    {
        string text = KeyOf(key);
        if (_node.TryGet(text, _destination, out _))
        {
            return true;
        }

        _node.Set(text, new ReadOnlySequence<byte>(_value), default);
        return false;
    }

    public void Dispose() => _node.Dispose();
}
