namespace EmbeddedRepl.Simulation.Engine;

/// <summary>Something that a run must come upon, because it is where things go wrong. See <see cref="SituationCatalogue"/>.</summary>
/// <param name="Name">How it is printed.</param>
/// <param name="Meaning">What exactly was observed when it is counted.</param>
internal sealed record Situation(string Name, string Meaning);
