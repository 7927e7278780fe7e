using System.Buffers.Binary;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Simulation.Engine;

/// <summary>
/// The only source of chance in a run (SplitMix64, so that a seed means the same on every runtime). Parts that must not
/// disturb each other's draws get a <see cref="Fork"/> of their own.
/// </summary>
internal sealed class SeededRandom(ulong seed) : INodeRandom
{
    private ulong _state = seed;

    public ulong NextUInt64()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public SeededRandom Fork() => new(NextUInt64());

    /// <summary>A number in [0, <paramref name="exclusiveMax"/>).</summary>
    public int Next(int exclusiveMax) => (int)(NextUInt64() % (ulong)exclusiveMax);

    /// <summary>A number in [<paramref name="min"/>, <paramref name="max"/>], both inclusive.</summary>
    public long Between(long min, long max) => min + (long)(NextUInt64() % (ulong)(max - min + 1));

    /// <summary>A number between both, small ones as likely as large ones: each power of two has the same weight.</summary>
    public long Scaled(long min, long max)
    {
        double fraction = (NextUInt64() >> 11) * (1.0 / (1UL << 53));
        return Math.Clamp((long)(min * Math.Pow((double)max / min, fraction)), min, max);
    }

    public bool Chance(int percent) => Next(100) < percent;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Next(choices.Length)];

    public void Fill(Span<byte> destination)
    {
        while (destination.Length >= sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination, NextUInt64());
            destination = destination[sizeof(ulong)..];
        }

        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = (byte)NextUInt64();
        }
    }
}
