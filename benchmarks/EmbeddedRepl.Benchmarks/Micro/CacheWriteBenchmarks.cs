using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using EmbeddedRepl.Comparison;
using EmbeddedRepl.Comparison.Local;
using EmbeddedRepl.Comparison.Nodes;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Micro;

/// <summary>Hot overwrites, touches and removals through what services get injected, on a master with a backlog and without replicas.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class CacheWriteBenchmarks : IDisposable
{
    private const int Entries = 1_000;
    private const int Batch = 100;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();
    private static readonly DistributedCacheEntryOptions Sliding = new() { SlidingExpiration = TimeSpan.FromHours(1) };

    // So small that it is full at once: what is measured is the state in which a service is for all but its first minutes.
    private readonly LocalNode _node = LocalNode.StartMaster("BacklogSize=262144");
    private readonly MemoryDistributedCache _peer = MemoryCache.Create();
    private readonly string[] _keys = EntryKeys.CreateAll(Entries);
    private readonly string[] _slidingKeys = [.. Enumerable.Range(Entries, Entries).Select(EntryKeys.Create)];
    private readonly byte[] _value = EntryValues.Create(1);
    private readonly KeyValuePair<string, ReadOnlyMemory<byte>>[][] _batches;
    private readonly IReplicatedCache _cache;

    public CacheWriteBenchmarks()
    {
        _cache = _node.Cache;
        _batches = [.. _keys.Chunk(Batch).Select(chunk => chunk.Select(key => KeyValuePair.Create(key, (ReadOnlyMemory<byte>)_value)).ToArray())];
        foreach (string key in _slidingKeys)
        {
            _cache.Set(key, _value, Sliding);
            _peer.Set(key, _value, Sliding);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Entries)]
    [BenchmarkCategory("set")]
    public void MemoryDistributedCacheSet()
    {
        foreach (string key in _keys)
        {
            _peer.Set(key, _value, NoExpiration);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("set")]
    public void Set()
    {
        foreach (string key in _keys)
        {
            _cache.Set(key, _value, NoExpiration);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("set")]
    public async Task SetAsync()
    {
        foreach (string key in _keys)
        {
            await _cache.SetAsync(key, _value, NoExpiration);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("set")]
    public void SetMany()
    {
        foreach (KeyValuePair<string, ReadOnlyMemory<byte>>[] batch in _batches)
        {
            _cache.SetMany(batch, NoExpiration);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Entries)]
    [BenchmarkCategory("touch")]
    public void MemoryDistributedCacheRefresh()
    {
        foreach (string key in _slidingKeys)
        {
            _peer.Refresh(key);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("touch")]
    public void Refresh()
    {
        foreach (string key in _slidingKeys)
        {
            _cache.Refresh(key);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Entries)]
    [BenchmarkCategory("remove")]
    public void MemoryDistributedCacheSetAndRemove()
    {
        foreach (string key in _keys)
        {
            _peer.Set(key, _value, NoExpiration);
            _peer.Remove(key);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("remove")]
    public void SetAndRemove()
    {
        foreach (string key in _keys)
        {
            _cache.Set(key, _value, NoExpiration);
            _cache.Remove(key);
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _node.Dispose();
        GC.SuppressFinalize(this);
    }
}
