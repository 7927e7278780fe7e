using BenchmarkDotNet.Attributes;
using EmbeddedRepl.Comparison;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>What turning a key into an index position, and an entry into its digest, costs beside the runtime's own string hash.</summary>
[MemoryDiagnoser]
public class StoreHashBenchmarks
{
    private static readonly StoreSeed Seed = new(1, 2);

    private readonly string _key = MixedKeys.Create(12345);
    private readonly byte[] _buffer = new byte[MixedKeys.MaxLength * KeyCodec.MaxBytesPerChar];
    private readonly byte[] _entry = new byte[120];
    private readonly byte[] _large = new byte[64 << 10];

    [Benchmark(Baseline = true)]
    public int StringGetHashCode() => string.GetHashCode(_key.AsSpan());

    [Benchmark]
    public int EncodeKey() => KeyCodec.Encode(_key, _buffer);

    [Benchmark]
    public ulong EncodeAndHashKey() => SipHash.Hash(_buffer.AsSpan(0, KeyCodec.Encode(_key, _buffer)), Seed);

    [Benchmark]
    public ulong DigestOfSmallEntry() => (ulong)EntryHash.OfContent(_entry, 20, 1);

    [Benchmark]
    public ulong DigestOf64KiB() => (ulong)EntryHash.OfContent(_large, 20, 1);

    [Benchmark]
    public uint ChecksumOf64KiB() => Crc32C.Append(Crc32C.Initial, _large);
}
