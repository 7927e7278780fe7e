using System.Buffers;
using System.Diagnostics;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Changes;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// What a node serves: the store, the history it belongs to, and the stream that led to it. They change together or not at
/// all: applying a change to the store and giving it its offset is one step, and a swap replaces the whole object.
/// Writes happen under the node's gate; the store may be read without it.
/// </summary>
internal sealed class DataSet(CacheStore store, ReplicationHistory history, StreamLog log)
{
    public CacheStore Store { get; } = store;

    public StreamLog Log { get; } = log;

    public ReplicationHistory History { get; private set; } = history;

    /// <summary>Bytes of stream that the store reflects, an exclusive end.</summary>
    public long Offset => Log.EndOffset;

    /// <summary>Records that were applied since this object was made.</summary>
    public long Changes { get; private set; }

    /// <summary>Where the largest record ends that some replica may still have to be sent.</summary>
    public long LargestRecordEnd { get; private set; }

    /// <summary>Its length. One such record alone never overruns a replica, or one beyond the limit could never be delivered.</summary>
    public long LargestRecordLength { get; private set; }

    /// <summary>Is told of every change; null while this data is not served, and while nobody wants to hear of it.</summary>
    public ChangeFeed? ChangeFeed { get; set; }

    public bool HoldsData => !Store.IsEmpty;

    /// <summary>Whether a first sync or a first start ever gave this data set a place in a history.</summary>
    public bool HasHistory => !History.IsNone;

    /// <summary>
    /// Where this data set stands, under the id that its last byte came under: nodes that have as much of this line need not have heard yet under which ids it goes on. The last ids are
    /// skipped only as far as nodes remember them for some changes of id to come.
    /// </summary>
    public StreamPosition Position
    {
        get
        {
            ReplicationId id = History.Id;
            for (int i = 0; i < History.Ancestors.Length && i < ReplicationHistory.MaxAncestors / 2 && History.Ancestors[i].EndOffset >= Offset; i++)
            {
                id = History.Ancestors[i].Id;
            }

            return new StreamPosition(id, Offset);
        }
    }

    /// <summary>Where a position lies, seen from here.</summary>
    public PositionVerdict Find(in StreamPosition position)
    {
        if (position == default || History.Contains(position.Id, position.Offset))
        {
            return position.Offset <= Offset ? PositionVerdict.Reached : PositionVerdict.Ahead;
        }

        return History.TryFindAncestor(position.Id, out _) ? PositionVerdict.Left : PositionVerdict.Unknown;
    }

    public void ChangeHistory(ReplicationHistory newHistory) => History = newHistory;

    /// <summary>What a full sync of this data set begins with.</summary>
    /// <param name="startOffset">From where on the stream is sent with it; not beyond <see cref="Offset"/>.</param>
    public FullSyncStartFrame DescribeFullSync(long startOffset) =>
        new(History.Id, History.OriginId, History.Ancestors, startOffset, Store.Seed.ToWire(), Store.Count, Store.UsedBytes);

    /// <summary>Sets an entry; its version is the end of its record.</summary>
    /// <exception cref="StoreFullException">The store's limit is reached; nothing was changed.</exception>
    public void Set(in StoreKey key, in ReadOnlySequence<byte> value, in EntryExpiration expiration)
    {
        using var buffer = new RecordBuffer(key.Bytes.Length, stackalloc byte[RecordBuffer.StackSize]);
        ReadOnlySpan<byte> prefix = buffer.Bytes[..RecordEncoder.EncodeSetPrefix(
            buffer.Bytes, key.Bytes, value.Length, expiration.Deadline, expiration.SlidingWindow, expiration.AbsoluteCap)];
        long length = prefix.Length + value.Length;
        long version = Offset + length;
        Log.Reserve(length);
        Store.Set(key, value, expiration, version, version);

        // From the store's copy, not from the caller's memory: that may change, or fail to be read, the second time. What is
        // streamed must be what is stored. Looked up anew, because the store may have moved the entry since to gather free memory.
        Log.Append(prefix);
        Log.Append(Store.StoredValue(key));
        EndRecord(length);
        Debug.Assert(Offset == version, "The version of an entry is the end of its record.");
        ChangeFeed?.Set(key.Bytes, Store.StoredVersion(key));
    }

    /// <summary>Removes an entry; a missing one leaves no record.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(in StoreKey key)
    {
        using var buffer = new RecordBuffer(key.Bytes.Length, stackalloc byte[RecordBuffer.StackSize]);
        ReadOnlySpan<byte> record = buffer.Bytes[..RecordEncoder.EncodeRemove(buffer.Bytes, key.Bytes)];
        Log.Reserve(record.Length);
        if (!Store.Remove(key))
        {
            return false;
        }

        AppendRecord(record);
        ChangeFeed?.Removed(key.Bytes);
        return true;
    }

    /// <summary>Removes an entry that the store has chosen, to make room. For nodes that decide what there is, that is, masters.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Evict()
    {
        if (!Store.TryChooseVictim(out EvictionCandidate victim))
        {
            return false;
        }

        ReadOnlySpan<byte> key = Store.KeyOf(victim);
        int keyLength = key.Length;
        byte[] record = ArrayPool<byte>.Shared.Rent(RecordEncoder.MaxPrefixSize(key.Length));
        try
        {
            int length = RecordEncoder.EncodeRemove(record, key);
            Log.Reserve(length);
            Store.Evict(victim);
            Log.Append(record.AsSpan(0, length));
            EndRecord(length);
            ChangeFeed?.Removed(RecordKey(record.AsSpan(0, length), keyLength));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    /// <summary>Extends a sliding entry for all nodes; nothing happens if it was set anew or removed since it was read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The version that was read.</param>
    /// <param name="deadline">The new deadline in UTC milliseconds.</param>
    /// <returns>Whether the entry was changed.</returns>
    public bool Touch(in StoreKey key, long version, long deadline)
    {
        using var buffer = new RecordBuffer(key.Bytes.Length, stackalloc byte[RecordBuffer.StackSize]);
        ReadOnlySpan<byte> record = buffer.Bytes[..RecordEncoder.EncodeTouch(buffer.Bytes, key.Bytes, version, deadline)];
        Log.Reserve(record.Length);
        if (!Store.ApplyTouch(key, version, deadline, Offset + record.Length))
        {
            return false;
        }

        AppendRecord(record);
        return true;
    }

    /// <summary>Removes every entry, in one record.</summary>
    public void Clear()
    {
        Span<byte> buffer = stackalloc byte[RecordEncoder.MaxPrefixSize(0)];
        ReadOnlySpan<byte> record = buffer[..RecordEncoder.EncodeClear(buffer)];
        Log.Reserve(record.Length);
        Store.Clear();
        AppendRecord(record);
        ChangeFeed?.Cleared();
    }

    /// <summary>
    /// Applies a record that came from upstream and keeps its bytes as they are for sub-replicas. The node's own view of
    /// expiry plays no part.
    /// </summary>
    /// <exception cref="StoreFullException">The store's limit is reached; nothing was changed.</exception>
    public void Apply(in Record record, ReadOnlySpan<byte> raw)
    {
        long version = Offset + raw.Length;
        bool wasThere = true;
        Log.Reserve(raw.Length);
        switch (record.Kind)
        {
            case RecordKind.Set:
                EntryExpiration expiration = RecordExpiration.Of(record);
                Store.Set(Store.MakeKey(record.Key), record.Value, expiration, version, version);
                break;
            case RecordKind.Remove:
                wasThere = Store.Remove(Store.MakeKey(record.Key));
                break;
            case RecordKind.Touch:
                Store.ApplyTouch(Store.MakeKey(record.Key), record.Version, RecordExpiration.DeadlineOf(record), version);
                break;
            case RecordKind.Clear:
                Store.Clear();
                break;
            default:
                throw new ProtocolException($"A record of kind {record.Kind} cannot stand in the replication stream.");
        }

        AppendRecord(raw);
        if (ChangeFeed is { } feed && wasThere)
        {
            Tell(feed, record);
        }
    }

    /// <summary>Gives the memory of a data set back that is served no longer, or never was. Reads under way end safely.</summary>
    public void Retire()
    {
        Log.Drop();
        Store.Retire();
    }

    /// <summary>The key of a remove record, which it ends with.</summary>
    private static ReadOnlySpan<byte> RecordKey(ReadOnlySpan<byte> record, int keyLength) => record[^keyLength..];

    private void Tell(ChangeFeed feed, in Record record)
    {
        switch (record.Kind)
        {
            case RecordKind.Set:
                feed.Set(record.Key, Store.StoredVersion(Store.MakeKey(record.Key)));
                break;
            case RecordKind.Remove:
                feed.Removed(record.Key);
                break;
            case RecordKind.Clear:
                feed.Cleared();
                break;
        }
    }

    private void AppendRecord(ReadOnlySpan<byte> record)
    {
        Log.Append(record);
        EndRecord(record.Length);
    }

    private void EndRecord(long length)
    {
        Changes++;
        if (length >= LargestRecordLength || LargestRecordEnd <= Log.FirstRetainedOffset)
        {
            LargestRecordEnd = Offset;
            LargestRecordLength = length;
        }

        Log.Trim();
    }
}
