namespace EmbeddedRepl.Fuzz;

/// <summary>What a run does.</summary>
/// <param name="Seconds">When it ends, unless inputs are counted.</param>
/// <param name="Inputs">After how many inputs it ends; null to go by time.</param>
/// <param name="Seed">What everything is drawn from.</param>
/// <param name="First">The number of the first input, to make one again.</param>
/// <param name="Target">The only targets, with commas between them; null for all.</param>
internal sealed record FuzzOptions(double Seconds, long? Inputs, ulong Seed, long First, string? Target);
