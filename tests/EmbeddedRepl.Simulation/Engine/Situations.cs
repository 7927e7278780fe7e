namespace EmbeddedRepl.Simulation.Engine;

/// <summary>How often which situation came up, and further details that nobody demands.</summary>
internal sealed class Situations
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<Situation, long> _named = [];

    /// <summary>Details, by what they are called.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    public long this[string detail] => _counts.GetValueOrDefault(detail);

    public long this[Situation situation] => _named.GetValueOrDefault(situation);

    public void Count(string detail, long times = 1) => _counts[detail] = this[detail] + times;

    /// <summary>A situation of the catalogue was observed.</summary>
    public void Count(Situation situation) => _named[situation] = this[situation] + 1;

    public void Add(Situations other)
    {
        foreach ((string detail, long count) in other._counts)
        {
            Count(detail, count);
        }

        foreach ((Situation situation, long count) in other._named)
        {
            _named[situation] = this[situation] + count;
        }
    }

    /// <summary>The situations that came up less often than a run of so many seeds must come upon them; none for a short run.</summary>
    public IReadOnlyList<Situation> MissingAfter(long seeds) => seeds < SituationCatalogue.SeedsForAll
        ? []
        : [.. SituationCatalogue.All.Where(situation => this[situation] < SituationCatalogue.Least)];
}
