using BenchmarkDotNet.Attributes;
using EmbeddedRepl.Comparison;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>Hot overwrites of 1,000 keys.</summary>
[MemoryDiagnoser]
public class StoreWriteBenchmarks
{
    private const int Entries = 1_000;

    private readonly byte[] _value = Contenders.NewValue(1);
    private readonly string[] _keys = MixedKeys.CreateSample(Entries, Entries, seed: 1);
    private readonly BenchmarkStore _store = Contenders.CreateStore(Entries);
    private readonly MemoryDistributedCache _cache = Contenders.CreateMemoryCache(Entries);

    [Benchmark(Baseline = true, OperationsPerInvoke = Entries)]
    public void MemoryDistributedCacheSet()
    {
        foreach (string key in _keys)
        {
            Contenders.Overwrite(_cache, key, _value);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    public void Set()
    {
        foreach (string key in _keys)
        {
            _store.Set(key, _value);
        }
    }
}
