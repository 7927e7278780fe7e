using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using EmbeddedRepl.Comparison;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>Hot reads of 1,000 keys.</summary>
[MemoryDiagnoser]
public class StoreReadBenchmarks
{
    private const int Entries = 1_000;

    private readonly byte[] _buffer = new byte[256];
    private readonly string[] _keys = MixedKeys.CreateSample(Entries, Entries, seed: 1);
    private readonly BenchmarkStore _store = Contenders.CreateStore(Entries);
    private readonly ConcurrentDictionary<string, byte[]> _dictionary = Contenders.CreateDictionary(Entries);

    [Benchmark(Baseline = true, OperationsPerInvoke = Entries)]
    public void ConcurrentDictionaryAndCopy()
    {
        foreach (string key in _keys)
        {
            _dictionary[key].CopyTo(_buffer.AsSpan());
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    public void TryGet()
    {
        foreach (string key in _keys)
        {
            _store.Store.TryGet(key, _buffer, out _);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    public void Get()
    {
        foreach (string key in _keys)
        {
            _store.Store.Get(key, out _);
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    public void Touch()
    {
        foreach (string key in _keys)
        {
            _store.Store.Touch(key);
        }
    }
}
