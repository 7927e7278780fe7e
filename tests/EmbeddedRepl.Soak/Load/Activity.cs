namespace EmbeddedRepl.Soak.Load;

/// <summary>Something that goes on during the whole soak, step by step.</summary>
/// <param name="Name">As it is printed.</param>
/// <param name="Interval">How often it makes a step.</param>
/// <param name="Step">Makes one step. What is declared to fail while links break and roles change may fail.</param>
internal sealed record Activity(string Name, TimeSpan Interval, Func<Random, Task> Step);
