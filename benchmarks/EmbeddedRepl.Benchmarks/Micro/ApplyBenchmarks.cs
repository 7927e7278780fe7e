using BenchmarkDotNet.Attributes;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Benchmarks.Micro;

/// <summary>What a replica does with each record that its master sends: parse, store, append to its own stream; beside a copy of the bytes.</summary>
[MemoryDiagnoser]
public class ApplyBenchmarks : IDisposable
{
    private const int Records = 500;

    private readonly ReplicatedNode _node = DataSets.CreateReplica();
    private readonly byte[] _records = RecordSamples.Sets(Records);
    private readonly byte[] _copy;
    private readonly RecordAssembler _assembler;

    public ApplyBenchmarks()
    {
        _copy = new byte[_records.Length];
        _assembler = new RecordAssembler(_node.Core.Settings.RecordLimits, new StreamSink(DataSets.Create(_node)));
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Records)]
    public void Copy() => _records.CopyTo(_copy, 0);

    [Benchmark(OperationsPerInvoke = Records)]
    public void Apply()
    {
        lock (_node.Core.Gate)
        {
            _assembler.Feed(_records);
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _assembler.Dispose();
        _node.Dispose();
        GC.SuppressFinalize(this);
    }
}
