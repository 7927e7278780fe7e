using System.Buffers;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Benchmarks.Micro;

/// <summary>A snapshot's way out of one data set and into another, chunk by chunk with checksums, beside a copy of its bytes. Figures are for an entry.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class SnapshotBenchmarks : IDisposable
{
    private const int Entries = 20_000;

    private readonly ReplicatedNode _node = DataSets.CreateReplica();
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly DataSet _source;
    private readonly byte[] _snapshot;
    private readonly byte[] _copy;

    public SnapshotBenchmarks()
    {
        _source = DataSets.Create(_node, Entries);
        Encode();
        _snapshot = _output.WrittenSpan.ToArray();
        _copy = new byte[_snapshot.Length];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Entries)]
    [BenchmarkCategory("encode")]
    public void Copy() => _snapshot.CopyTo(_copy, 0);

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("encode")]
    public void Encode()
    {
        _output.ResetWrittenCount();
        var sender = new SnapshotSender(_source.Store.CreateSnapshotCursor(), _node.Core.Settings.ChunkSize);
        while (!sender.IsFinished)
        {
            sender.WriteChunk(_output);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Entries)]
    [BenchmarkCategory("decode")]
    public void CopyBack() => _copy.CopyTo(_snapshot, 0);

    [Benchmark(OperationsPerInvoke = Entries)]
    [BenchmarkCategory("decode")]
    public long Decode()
    {
        lock (_node.Core.Gate)
        {
            using var load = new FullSyncLoad(_node.Core, _source.DescribeFullSync(0), default);
            load.MakeRoom();
            var buffer = new ReadOnlySequence<byte>(_snapshot);
            while (FrameReader.TryRead(ref buffer, FrameLimits.Data, out _, out ReadOnlySequence<byte> payload))
            {
                load.AddSnapshot(SnapshotChunkFrame.Read(payload));
            }

            load.Target.Retire();
            return load.Entries;
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _node.Dispose();
        GC.SuppressFinalize(this);
    }
}
