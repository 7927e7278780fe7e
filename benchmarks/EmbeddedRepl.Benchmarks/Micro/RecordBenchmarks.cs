using BenchmarkDotNet.Attributes;
using EmbeddedRepl.Comparison;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Benchmarks.Micro;

/// <summary>A record of a set, encoded and parsed, beside a copy of its bytes.</summary>
[MemoryDiagnoser]
public class RecordBenchmarks
{
    private static readonly RecordLimits Limits = new(65_000, 64 << 20);

    private readonly byte[] _key = RecordSamples.Key(1);
    private readonly byte[] _value = EntryValues.Create(1);
    private readonly byte[] _record = RecordSamples.Sets(1);
    private readonly byte[] _buffer = new byte[512];

    [Benchmark(Baseline = true)]
    public void Copy() => _record.CopyTo(_buffer, 0);

    [Benchmark]
    public int Encode()
    {
        int length = RecordEncoder.EncodeSetPrefix(_buffer, _key, _value.Length, deadline: 0, window: 0, cap: 0);
        _value.CopyTo(_buffer.AsSpan(length));
        return length + _value.Length;
    }

    [Benchmark]
    public int Parse() => RecordReader.TryRead(_record, Limits, out Record record, out int consumed) ? consumed + record.Value.Length : 0;
}
