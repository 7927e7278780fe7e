using System.Buffers;
using System.Text;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Changes;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Contract;

/// <content>Entries with their versions.</content>
internal sealed partial class DictionaryNode
{
    private readonly ChangeFeed _feed = new();

    public ICacheSubscription Subscribe(string prefix, int capacity)
    {
        var ring = new ChangeRing(new KeyPrefix(prefix), capacity);
        _feed.Add(ring);
        return new ChangeSubscription(ring, _feed.Remove);
    }

    public CacheEntry? GetEntry(string key) => Read(key) is { } entry ? new CacheEntry(entry.Value.ToArray(), entry.Version) : null;

    public EntryVersion? CompareAndSet(string key, ReadOnlyMemory<byte> value, EntryVersion expected, in WriteExpiration expiration)
    {
        ThrowIfReplica();
        if (VersionOf(key) != expected)
        {
            return null;
        }

        Set(key, new ReadOnlySequence<byte>(value), expiration);
        return VersionOf(key);
    }

    public async ValueTask<EntryVersion?> CompareAndSetAsync(
        string key, ReadOnlyMemory<byte> value, EntryVersion expected, WriteExpiration expiration, CancellationToken token)
    {
        await Writable.WaitAsync(token);
        return CompareAndSet(key, value, expected, expiration);
    }

    public bool CompareAndRemove(string key, EntryVersion expected)
    {
        ThrowIfReplica();
        return VersionOf(key) == expected && (expected.IsNone || RemoveEntry(key));
    }

    public async ValueTask<bool> CompareAndRemoveAsync(string key, EntryVersion expected, CancellationToken token)
    {
        await Writable.WaitAsync(token);
        return CompareAndRemove(key, expected);
    }

    public IEnumerable<IReadOnlyList<string>> EnumerateKeys(string prefix)
    {
        foreach (string key in _entries.Keys.ToArray())
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal) && !VersionOf(key).IsNone)
            {
                yield return [key];
            }
        }
    }

    public long RemoveMany(IReadOnlyList<string> keys)
    {
        ThrowIfReplica();
        return keys.Count(RemoveEntry);
    }

    public async ValueTask<long> RemoveManyAsync(IReadOnlyList<string> keys, CancellationToken token)
    {
        await Writable.WaitAsync(token);
        return RemoveMany(keys);
    }

    private bool RemoveEntry(string key)
    {
        bool removed = _entries.Remove(key);
        if (removed)
        {
            _feed.Removed(Encoding.UTF8.GetBytes(key));
        }

        return removed;
    }

    private EntryVersion VersionOf(string key) =>
        _entries.TryGetValue(key, out Entry? entry) && entry.Deadline > NowMs ? entry.Version : EntryVersion.None;
}
