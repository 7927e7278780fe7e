using System.Buffers.Binary;

namespace EmbeddedRepl.Replication.Replica;

/// <summary>
/// Pauses between two attempts to reach the master: none before the first, then doubling steps up to a cap, each drawn at
/// random from the upper half of its step so that replicas that lost the same master do not return in one wave.
/// </summary>
internal sealed class Backoff(long firstStep, long maxStep, INodeRandom random)
{
    private long _step;

    /// <summary>How many pauses were taken since the last reset.</summary>
    public int Attempts { get; private set; }

    /// <summary>The next pause in milliseconds.</summary>
    public long Next()
    {
        Attempts++;
        if (_step == 0)
        {
            _step = Math.Min(firstStep, maxStep);
            return 0;
        }

        long step = _step;
        _step = Math.Min(step * 2, maxStep);
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
