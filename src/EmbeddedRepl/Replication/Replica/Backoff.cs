using System.Buffers.Binary;

namespace EmbeddedRepl.Replication.Replica;

/// <summary>
/// Pauses between two attempts to reach the master: none before the first, then doubling steps up to a cap, each drawn at
/// random from the upper half of its step so that replicas that lost the same master do not return in one wave.
/// </summary>
/// <param name="firstStep">The second pause at most, in milliseconds.</param>
/// <param name="random">Draws the pauses.</param>
internal sealed class Backoff(long firstStep, INodeRandom random)
{
    private long _step;

    /// <summary>How many pauses were taken since the last reset.</summary>
    public int Attempts { get; private set; }

    /// <summary>The next pause in milliseconds.</summary>
    /// <param name="maxStep">The longest pause in milliseconds. Told each time, because the setting may change while the master is away.</param>
    public long Next(long maxStep)
    {
        Attempts++;
        if (_step == 0)
        {
            _step = firstStep;
            return 0;
        }

        long step = Math.Min(_step, maxStep);
        _step = step * 2;
        Span<byte> bytes = stackalloc byte[8];
        random.Fill(bytes);
        double fraction = (BinaryPrimitives.ReadUInt64LittleEndian(bytes) >> 11) * (1.0 / (1UL << 53));
        return (long)Math.Ceiling(step * (0.5 + (fraction / 2)));
    }

    /// <summary>The link came up: the next attempt after it fails is made at once.</summary>
    public void Reset()
    {
        _step = 0;
        Attempts = 0;
    }
}
