namespace EmbeddedRepl.Simulation.Engine;

/// <summary>How often which situation came up: a simulation that never gets somewhere proves nothing about that place.</summary>
internal sealed class Situations
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public long this[string situation] => _counts.GetValueOrDefault(situation);

    public void Count(string situation, long times = 1) => _counts[situation] = this[situation] + times;

    public void Add(Situations other)
    {
        foreach ((string situation, long count) in other._counts)
        {
            Count(situation, count);
        }
    }
}
