using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Simulation.Network;

/// <summary>How one connection carries bytes.</summary>
/// <param name="Latency">Shortest way from end to end, in microseconds.</param>
/// <param name="Jitter">At most so much longer, in microseconds.</param>
/// <param name="Window">Bytes that may be under way or unread in one direction; a writer waits when it is full.</param>
/// <param name="MaxPiece">The longest piece that arrives at once.</param>
internal sealed record LinkQuality(long Latency, long Jitter, int Window, int MaxPiece)
{
    /// <summary>Everything arrives at once and in one piece, for scenarios that are about something else.</summary>
    public static readonly LinkQuality Perfect = new(50, 0, 1 << 20, 1 << 20);

    /// <summary>As this one, but so narrow that no more than so much waits for the reader at once.</summary>
    public LinkQuality NoWiderThan(long bytes) => this with { Window = (int)Math.Min(Window, Math.Max(bytes, 256)) };

    public static LinkQuality Draw(SeededRandom random) => new(
        random.Scaled(20, 8_000),
        random.Scaled(1, 5_000),
        (int)random.Scaled(256, 512 * 1024),
        (int)random.Scaled(64, 64 * 1024));
}
