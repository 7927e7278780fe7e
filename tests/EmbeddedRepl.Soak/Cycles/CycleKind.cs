namespace EmbeddedRepl.Soak.Cycles;

/// <summary>One way in which a replica comes and goes.</summary>
/// <param name="Name">As it is printed.</param>
/// <param name="Weight">How often it is drawn, relative to the others.</param>
/// <param name="Run">Comes and goes once; returns when nothing is left to be done on this end.</param>
internal sealed record CycleKind(string Name, int Weight, Action<CycleNodes, Random> Run);
