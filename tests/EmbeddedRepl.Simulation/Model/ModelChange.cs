using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>What one record of a history did.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">The key; empty if it removed all of them.</param>
/// <param name="Before">What the key was before; null for no entry.</param>
/// <param name="After">What it is from there on.</param>
internal readonly record struct ModelChange(RecordKind Kind, string Key, ModelEntry? Before, ModelEntry? After);
