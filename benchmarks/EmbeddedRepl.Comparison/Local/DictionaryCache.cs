using System.Collections.Concurrent;

namespace EmbeddedRepl.Comparison.Local;

/// <summary>A <see cref="ConcurrentDictionary{TKey, TValue}"/>, which knows no expiration and hands out the array that it holds.</summary>
internal sealed class DictionaryCache : ILocalCache
{
    public const string Kind = "dictionary";

    private readonly ConcurrentDictionary<string, byte[]> _entries = new();

    public void Set(string key, byte[] value) => _entries[key] = value;

    public byte[]? Get(string key) => _entries.GetValueOrDefault(key);

    public void Remove(string key) => _entries.TryRemove(key, out _);

    public void Dispose()
    {
    }
}
