using System.Buffers;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Benchmarks.Micro;

/// <summary>Frames written and parsed, their checksums included, beside a copy of their bytes.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class FrameBenchmarks
{
    private const int ChunkSize = 64 << 10;

    private static readonly HeartbeatFrame Heartbeat = new(1_800_000_000_000, 123_456_789, new OffsetDigest(123_456_789, UInt128.MaxValue));

    private readonly ReadOnlySequence<byte> _bytes = new(new byte[ChunkSize]);
    private readonly ArrayBufferWriter<byte> _output = new(2 * ChunkSize);
    private readonly byte[] _chunk;
    private readonly byte[] _heartbeat;
    private readonly byte[] _copy = new byte[2 * ChunkSize];

    public FrameBenchmarks()
    {
        WriteStreamChunk();
        _chunk = _output.WrittenSpan.ToArray();
        WriteHeartbeat();
        _heartbeat = _output.WrittenSpan.ToArray();
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("64 KiB of stream")]
    public void CopyStreamChunk() => _chunk.CopyTo(_copy, 0);

    [Benchmark]
    [BenchmarkCategory("64 KiB of stream")]
    public void WriteStreamChunk()
    {
        _output.ResetWrittenCount();
        FrameWriter.WriteStreamChunk(_output, 1, _bytes);
    }

    [Benchmark]
    [BenchmarkCategory("64 KiB of stream")]
    public long ParseStreamChunk()
    {
        var buffer = new ReadOnlySequence<byte>(_chunk);
        return FrameReader.TryRead(ref buffer, FrameLimits.Data, out _, out ReadOnlySequence<byte> payload) ? StreamChunkFrame.Read(payload).Bytes.Length : 0;
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("heartbeat")]
    public void CopyHeartbeat() => _heartbeat.CopyTo(_copy, 0);

    [Benchmark]
    [BenchmarkCategory("heartbeat")]
    public void WriteHeartbeat()
    {
        _output.ResetWrittenCount();
        FrameWriter.Write(_output, Heartbeat);
    }

    [Benchmark]
    [BenchmarkCategory("heartbeat")]
    public long ParseHeartbeat()
    {
        var buffer = new ReadOnlySequence<byte>(_heartbeat);
        return FrameReader.TryRead(ref buffer, FrameLimits.Data, out _, out ReadOnlySequence<byte> payload) ? FramePayload.Read<HeartbeatFrame>(payload).MasterEndOffset : 0;
    }
}
