namespace EmbeddedRepl.Comparison.Model;

/// <summary>What a cluster holds and is written.</summary>
/// <param name="Entries">How many entries.</param>
/// <param name="ValueSize">Their values, in bytes.</param>
/// <param name="BytesPerDay">Keys and values written in a day.</param>
/// <param name="Peak">How many times the average the busiest time is.</param>
internal sealed record Workload(long Entries, int ValueSize, double BytesPerDay, double Peak)
{
    /// <summary>Writes a second at the busiest time.</summary>
    public double WritesPerSecond => BytesPerDay / 86_400 / (CostModel.KeySize + ValueSize) * Peak;
}
