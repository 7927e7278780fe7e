namespace EmbeddedRepl.StoreStress;

/// <summary>What happened, by kind. Thread-safe.</summary>
internal sealed class StressCounts
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Add(string kind, long count = 1)
    {
        lock (_gate)
        {
            _counts[kind] = _counts.GetValueOrDefault(kind) + count;
        }
    }

    public void Add(StressCounts other)
    {
        foreach ((string kind, long count) in other.All)
        {
            Add(kind, count);
        }
    }

    public IReadOnlyList<KeyValuePair<string, long>> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _counts];
            }
        }
    }

    public long this[string kind]
    {
        get
        {
            lock (_gate)
            {
                return _counts.GetValueOrDefault(kind);
            }
        }
    }
}
