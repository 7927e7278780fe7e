using System.Security.Cryptography;

namespace EmbeddedRepl.Replication;

/// <summary>Where the core takes random bytes from: the operating system in production, a seed in the simulation.</summary>
internal interface INodeRandom
{
    void Fill(Span<byte> destination);
}

/// <summary>The operating system's random source.</summary>
internal sealed class SystemNodeRandom : INodeRandom
{
    public static readonly SystemNodeRandom Instance = new();

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
