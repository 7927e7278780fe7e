namespace EmbeddedRepl.StoreStress.Workers;

/// <summary>Counts of one thread, handed over when it ends, so that counting orders nothing between threads that are to race.</summary>
internal sealed class LocalCounts(StressCounts total) : IDisposable
{
    private readonly Dictionary<string, long> _counts = [];

    public void Add(string kind, long count = 1) => _counts[kind] = _counts.GetValueOrDefault(kind) + count;

    public void Dispose()
    {
        foreach ((string kind, long count) in _counts)
        {
            total.Add(kind, count);
        }
    }
}
