namespace EmbeddedRepl.Simulation.Engine;

/// <summary>
/// Which draws a seed makes. A seed that once failed is kept together with its regime, so that it goes on doing what it did when further faults are invented: they belong to a
/// later regime, and draw from sources of their own.
/// </summary>
internal enum Regime
{
    /// <summary>Broken, silent and corrupted connections, crashes, short pauses, symmetric partitions, power loss, orders.</summary>
    First,

    /// <summary>The same, and everything else that DESIGN.md lists.</summary>
    Full,
}
