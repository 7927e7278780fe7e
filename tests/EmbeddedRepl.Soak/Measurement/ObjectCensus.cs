namespace EmbeddedRepl.Soak.Measurement;

/// <summary>Counts objects that are still reachable without keeping them alive: what was let go and survives a collection is held by somebody who forgot it. Thread-safe.</summary>
internal sealed class ObjectCensus
{
    private readonly Lock _gate = new();
    private readonly List<WeakReference> _references = [];

    /// <summary>How many objects were ever watched.</summary>
    public long Watched { get; private set; }

    /// <summary>Watches an object that is soon to be let go.</summary>
    public void Watch(object? item)
    {
        if (item is null)
        {
            return;
        }

        lock (_gate)
        {
            Watched++;
            _references.Add(new WeakReference(item));
        }
    }

    /// <summary>How many of the watched objects are alive. Meaningful after a collection.</summary>
    public long CountAlive()
    {
        lock (_gate)
        {
            _references.RemoveAll(reference => !reference.IsAlive);
            return _references.Count;
        }
    }

    /// <summary>Those that are alive, counted by type.</summary>
    public string Describe()
    {
        lock (_gate)
        {
            return string.Join(", ", _references.Select(reference => reference.Target).OfType<object>()
                .CountBy(item => item.GetType().Name).Select(pair => $"{pair.Value} {pair.Key}"));
        }
    }
}
