namespace EmbeddedRepl.Soak.Measurement;

/// <summary>One thing that a process holds and that must not grow.</summary>
/// <param name="Name">As it is printed.</param>
/// <param name="Read">What is held at the moment.</param>
/// <param name="Slack">What may be more at the end than before, whatever the run did: what the runtime itself keeps or gives back as it likes.</param>
/// <param name="PerUnit">What may be more for each unit of work. Zero, or so little that a leak of one small object per unit is beyond it.</param>
internal sealed record Resource(string Name, Func<long> Read, long Slack, double PerUnit = 0);
