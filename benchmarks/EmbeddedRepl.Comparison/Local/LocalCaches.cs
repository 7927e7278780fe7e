namespace EmbeddedRepl.Comparison.Local;

/// <summary>The caches that live in a process of their own to be compared.</summary>
internal static class LocalCaches
{
    private const int Few = 100;

    public static ILocalCache Create(string kind) => kind switch
    {
        NodeCache.Kind => new NodeCache(),
        DictionaryCache.Kind => new DictionaryCache(),
        MemoryCache.Kind => new MemoryCache(),
        _ => throw new ArgumentException($"There is no cache '{kind}'.", nameof(kind)),
    };

    /// <summary>Loads and compiles the code of all of them, so that a process that holds one differs from an empty one by its data.</summary>
    public static void WarmUp()
    {
        foreach (string kind in (string[])[NodeCache.Kind, DictionaryCache.Kind, MemoryCache.Kind])
        {
            using ILocalCache cache = Create(kind);
            for (int i = 0; i < Few; i++)
            {
                string key = MixedKeys.Create(i);
                cache.Set(key, EntryValues.Create(i));
                cache.Get(key);
                cache.Remove(key);
            }
        }
    }
}
