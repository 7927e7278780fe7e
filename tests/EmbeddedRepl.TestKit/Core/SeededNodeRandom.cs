using EmbeddedRepl.Replication;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>Random bytes that are the same in every run.</summary>
internal sealed class SeededNodeRandom(int seed) : INodeRandom
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> destination) => _random.NextBytes(destination);
}
