namespace EmbeddedRepl.Benchmarks.Forwarding;

/// <summary>What a number of callers reached.</summary>
/// <param name="PerSecond">Writes a second.</param>
/// <param name="P50">Median time of one write, in microseconds.</param>
/// <param name="P99">Its 99th percentile, in microseconds.</param>
internal readonly record struct Figure(double PerSecond, double P50, double P99);
