using System.Buffers;
using System.Text;
using EmbeddedRepl.Protocol;
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

    public ComparedWrite CompareAndSet(string key, ReadOnlyMemory<byte> value, EntryVersion expected, in WriteExpiration expiration)
    {
        ThrowIfReplica();
        if (VersionOf(key) != expected)
        {
            return new ComparedWrite(Conflict(), null);
        }

        return new ComparedWrite(Set(key, new ReadOnlySequence<byte>(value), expiration), VersionOf(key));
    }

    public async ValueTask<ComparedWrite> CompareAndSetAsync(
        string key, ReadOnlyMemory<byte> value, EntryVersion expected, WriteExpiration expiration, CancellationToken token)
    {
        await Writable.WaitAsync(token);
        return CompareAndSet(key, value, expected, expiration);
    }

    public WriteResult CompareAndRemove(string key, EntryVersion expected)
    {
        ThrowIfReplica();
        return VersionOf(key) == expected && (expected.IsNone || RemoveEntry(key)) ? Written() : Conflict();
    }

    public async ValueTask<WriteResult> CompareAndRemoveAsync(string key, EntryVersion expected, CancellationToken token)
    {
        await Writable.WaitAsync(token);
        return CompareAndRemove(key, expected);
    }

    private WriteResult Conflict() => new(WriteStatus.Conflict, HistoryId, _changes);

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

    public RemovedMany RemoveMany(IReadOnlyList<string> keys)
    {
        ThrowIfReplica();
        return new RemovedMany(keys.Count(RemoveEntry), Written());
    }

    public async ValueTask<RemovedMany> RemoveManyAsync(IReadOnlyList<string> keys, CancellationToken token)
    {
        await Writable.WaitAsync(token);
        return RemoveMany(keys);
    }

    public void EnsureWritable() => ThrowIfReplica();

    public async ValueTask EnsureWritableAsync(CancellationToken token)
    {
        await Writable.WaitAsync(token);
        EnsureWritable();
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
