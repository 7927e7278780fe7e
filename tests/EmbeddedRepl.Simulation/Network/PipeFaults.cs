namespace EmbeddedRepl.Simulation.Network;

/// <summary>What goes wrong in one direction of a connection, counted in bytes from its beginning; -1 for never.</summary>
internal sealed class PipeFaults
{
    /// <summary>After so many delivered bytes the connection breaks, in both directions.</summary>
    public long BreakAt { get; set; } = -1;

    /// <summary>The byte of which one bit is flipped.</summary>
    public long FlipAt { get; set; } = -1;

    /// <summary>Which bit of it.</summary>
    public int FlipBit { get; set; }

    /// <summary>After so many delivered bytes nothing arrives any more, and nobody is told.</summary>
    public long SilentAt { get; set; } = -1;

    /// <summary>Until then, in microseconds of virtual time, nothing arrives; then all of it does, as if it had been sent again and again.</summary>
    public long HeldUntil { get; set; }

    /// <summary>How many of a thousand pieces take much longer, which holds up everything behind them.</summary>
    public int TailPerMille { get; set; }

    /// <summary>How much longer at most, in microseconds.</summary>
    public long Tail { get; set; }
}
