using System.Buffers;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using EmbeddedRepl.Comparison;
using EmbeddedRepl.Comparison.Local;
using EmbeddedRepl.Comparison.Nodes;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Micro;

/// <summary>Hot reads through what services get injected.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class CacheReadBenchmarks : IDisposable
{
    private const int Entries = 1_000;
    private const int Batch = 100;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private readonly LocalNode _node = LocalNode.StartMaster();
    private readonly MemoryDistributedCache _peer = MemoryCache.Create();
    private readonly string[] _keys = EntryKeys.CreateAll(Entries);
    private readonly byte[] _buffer = new byte[256];
    private readonly ArrayBufferWriter<byte> _writer = new(256);
    private readonly string[][] _batches;
    private readonly IReplicatedCache _cache;

    public CacheReadBenchmarks()
    {
        _cache = _node.Cache;
        _batches = [.. _keys.Chunk(Batch)];
        for (int i = 0; i < Entries; i++)
        {
            _cache.Set(EntryKeys.Create(i), EntryValues.Create(i), NoExpiration);
            _peer.Set(EntryKeys.Create(i), EntryValues.Create(i), NoExpiration);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Entries)]
    [BenchmarkCategory("one")]
    public void MemoryDistributedCacheGet()
    {
        foreach (string key in _keys)
        {
            _peer.Get(key);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("one")]
    public void TryGet()
    {
        foreach (string key in _keys)
        {
            _cache.TryGet(key, _buffer, out _);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("one")]
    public void TryGetIntoWriter()
    {
        foreach (string key in _keys)
        {
            _writer.ResetWrittenCount();
            _cache.TryGet(key, _writer);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("one")]
    public async Task TryGetAsync()
    {
        foreach (string key in _keys)
        {
            _writer.ResetWrittenCount();
            await _cache.TryGetAsync(key, _writer);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("one")]
    public void Get()
    {
        foreach (string key in _keys)
        {
            _cache.Get(key);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("one")]
    public async Task GetAsync()
    {
        foreach (string key in _keys)
        {
            await _cache.GetAsync(key);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("one")]
    public void GetEntry()
    {
        foreach (string key in _keys)
        {
            _cache.GetEntry(key);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("one")]
    public void GetOrSetThatHits()
    {
        foreach (string key in _keys)
        {
            _cache.GetOrSet(key, static () => throw new InvalidOperationException("It is there."), NoExpiration);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("one")]
    public async Task GetOrSetAsyncThatHits()
    {
        foreach (string key in _keys)
        {
            await _cache.GetOrSetAsync(key, 0, static (_, _) => throw new InvalidOperationException("It is there."), NoExpiration);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Entries)]
    [BenchmarkCategory("many")]
    public void GetOneByOne()
    {
        foreach (string[] batch in _batches)
        {
            byte[]?[] values = new byte[]?[Batch];
            for (int i = 0; i < Batch; i++)
            {
                values[i] = _cache.Get(batch[i]);
            }
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("many")]
    public void GetMany()
    {
        foreach (string[] batch in _batches)
        {
            _cache.GetMany(batch);
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _node.Dispose();
        GC.SuppressFinalize(this);
    }
}
