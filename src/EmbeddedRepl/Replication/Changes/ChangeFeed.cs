using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication.Changes;

/// <summary>
/// Tells subscriptions what changes in the data that is served, in the order in which it changes. Called by the holder of the gate, right after a change. A data set knows it only from the first
/// subscription on, until the last one is disposed of, so otherwise a change costs the test of one field.
/// </summary>
internal sealed class ChangeFeed
{
    /// <summary>How many subscriptions a node has at most: each takes time of every write.</summary>
    public const int MaxSubscriptions = 256;

    private readonly List<ChangeRing> _rings = [];

    /// <summary>Whether anybody has subscribed.</summary>
    public bool IsHeard => _rings.Count > 0;

    /// <exception cref="ReplicatedCacheException">There are too many already.</exception>
    public void Add(ChangeRing ring)
    {
        ForgetEnded();
        if (_rings.Count >= MaxSubscriptions)
        {
            throw new ReplicatedCacheException($"This node has {MaxSubscriptions} subscriptions to its changes already, which is the most. Dispose of those that nobody reads.");
        }

        _rings.Add(ring);
    }

    public void Remove(ChangeRing ring) => _rings.Remove(ring);

    /// <summary>An entry was set.</summary>
    public void Set(ReadOnlySpan<byte> key, EntryVersion version) => Tell(CacheChangeKind.Set, key, version);

    /// <summary>An entry was removed, for whatever reason.</summary>
    public void Removed(ReadOnlySpan<byte> key) => Tell(CacheChangeKind.Removed, key, EntryVersion.None);

    /// <summary>All entries were removed.</summary>
    public void Cleared() => Tell(CacheChangeKind.Cleared);

    /// <summary>Other data is served from now on.</summary>
    public void DataReplaced() => Tell(CacheChangeKind.DataReplaced);

    /// <summary>The node is gone: everybody who reads comes to the end.</summary>
    public void End()
    {
        _rings.ForEach(ring => ring.End());
        _rings.Clear();
    }

    private void Tell(CacheChangeKind kind, ReadOnlySpan<byte> key, EntryVersion version)
    {
        string? text = null;
        bool someEnded = false;
        foreach (ChangeRing ring in _rings)
        {
            someEnded |= ring.IsEnded;
            if (!key.StartsWith(ring.Prefix.Bytes))
            {
                continue;
            }

            // Bytes that are no key, as only a faulty peer could send them, are nothing that a caller could ask for.
            if ((text is not null || KeyCodec.TryDecode(key, out text)) && ring.Prefix.Matches(text))
            {
                ring.Add(new CacheChange(kind, text, version));
            }
        }

        if (someEnded)
        {
            ForgetEnded();
        }
    }

    private void Tell(CacheChangeKind kind)
    {
        foreach (ChangeRing ring in _rings)
        {
            ring.Add(new CacheChange(kind, null, EntryVersion.None));
        }
    }

    /// <summary>Those that were abandoned, and not disposed of.</summary>
    private void ForgetEnded() => _rings.RemoveAll(static ring => ring.IsEnded);
}
