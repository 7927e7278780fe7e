namespace EmbeddedRepl.Comparison.Local;

/// <summary>A cache in this process, where the time of a call through an interface does not matter.</summary>
internal interface ILocalCache : IDisposable
{
    void Set(string key, byte[] value);

    /// <summary>The value as the cache hands it out, or null.</summary>
    byte[]? Get(string key);

    void Remove(string key);
}
