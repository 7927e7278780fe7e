namespace EmbeddedRepl.StoreStress;

/// <summary>How long, from which seed, and with how many readers.</summary>
internal sealed record StressOptions(double Seconds, int Seed, int Threads);
