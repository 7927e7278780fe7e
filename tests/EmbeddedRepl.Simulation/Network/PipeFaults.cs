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
}
