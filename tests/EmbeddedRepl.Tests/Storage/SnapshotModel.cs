using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>What a snapshot delivered, as a dictionary.</summary>
internal sealed class SnapshotModel : ISnapshotSink
{
    public Dictionary<string, (byte[] Value, EntryExpiration Expiration, long Version, long LastChange)> Entries { get; } = [];

    public int Delivered { get; private set; }

    /// <summary>Sum of the shares of everything delivered.</summary>
    public StoreDigest Digest { get; private set; }

    /// <summary>Called after each entry, on the cursor's thread.</summary>
    public Action? AfterEntry { get; set; }

    public void Entry(in SnapshotEntry entry)
    {
        Delivered++;
        Digest += entry.Digest;
        Entries[KeyCodec.Decode(entry.Key)] = (entry.Value.ToArray(), entry.Expiration, entry.Version, entry.LastChange);
        AfterEntry?.Invoke();
    }

    public void ReadAll(CacheStore store, int maxBytes = int.MaxValue, long changedSince = long.MinValue)
    {
        SnapshotCursor cursor = store.CreateSnapshotCursor(changedSince);
        while (cursor.Read(this, maxBytes))
        {
        }
    }
}
