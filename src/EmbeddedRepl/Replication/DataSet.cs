using System.Buffers;
using System.Diagnostics;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// What a node serves: the store, the history it belongs to, and the stream that led to it. They change together or not at
/// all: applying a change to the store and giving it its offset is one step, and a swap replaces the whole object.
/// Writes happen under the node's gate; the store may be read without it.
/// </summary>
internal sealed class DataSet(CacheStore store, ReplicationHistory history, StreamLog log)
{
    private const int StackPrefixSize = 512;

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

    public bool HoldsData => !Store.IsEmpty;

    /// <summary>Whether a first sync or a first start ever gave this data set a place in a history.</summary>
    public bool HasHistory => !History.IsNone;

    public void ChangeHistory(ReplicationHistory newHistory) => History = newHistory;

    public void Set(in StoreKey key, in ReadOnlySequence<byte> value, in EntryExpiration expiration)
    {
        int maxPrefix = RecordEncoder.MaxPrefixSize(key.Bytes.Length);
        byte[]? rented = null;
        Span<byte> prefix = maxPrefix <= StackPrefixSize
            ? stackalloc byte[StackPrefixSize]
            : rented = ArrayPool<byte>.Shared.Rent(maxPrefix);
        try
        {
            int prefixLength = RecordEncoder.EncodeSetPrefix(
                prefix, key.Bytes, value.Length, expiration.Deadline, expiration.SlidingWindow, expiration.AbsoluteCap);
            long length = prefixLength + value.Length;
            long version = Offset + length;
            Log.Reserve(length);
            Store.Set(key, value, expiration, version, version);

            // From the store's copy, not from the caller's memory: that may change, or fail to be read, the second time. What is
            // streamed must be what is stored.
            Log.Append(prefix[..prefixLength]);
            Log.Append(Store.StoredValue(key));

            EndRecord(length);
            Debug.Assert(Offset == version, "The version of an entry is the end of its record.");
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>Removes an entry; a missing one leaves no record.</summary>
    public bool Remove(in StoreKey key)
    {
        byte[] record = ArrayPool<byte>.Shared.Rent(RecordEncoder.MaxPrefixSize(key.Bytes.Length));
        try
        {
            int length = RecordEncoder.EncodeRemove(record, key.Bytes);
            Log.Reserve(length);
            if (!Store.Remove(key))
            {
                return false;
            }

            Log.Append(record.AsSpan(0, length));
            EndRecord(length);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
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
        byte[] record = ArrayPool<byte>.Shared.Rent(RecordEncoder.MaxPrefixSize(key.Length));
        try
        {
            int length = RecordEncoder.EncodeRemove(record, key);
            Log.Reserve(length);
            Store.Evict(victim);
            Log.Append(record.AsSpan(0, length));
            EndRecord(length);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    /// <summary>Extends a sliding entry for all nodes; nothing happens if it was set anew or removed since it was read.</summary>
    public bool Touch(in StoreKey key, long version, long deadline)
    {
        byte[] record = ArrayPool<byte>.Shared.Rent(RecordEncoder.MaxPrefixSize(key.Bytes.Length));
        try
        {
            int length = RecordEncoder.EncodeTouch(record, key.Bytes, version, deadline);
            Log.Reserve(length);
            if (!Store.ApplyTouch(key, version, deadline, Offset + length))
            {
                return false;
            }

            Log.Append(record.AsSpan(0, length));
            EndRecord(length);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    public void Clear()
    {
        Span<byte> record = stackalloc byte[RecordEncoder.MaxPrefixSize(0)];
        int length = RecordEncoder.EncodeClear(record);
        Log.Reserve(length);
        Store.Clear();
        Log.Append(record[..length]);
        EndRecord(length);
    }

    /// <summary>
    /// Applies a record that came from upstream and keeps its bytes as they are for sub-replicas. The node's own view of
    /// expiry plays no part.
    /// </summary>
    /// <exception cref="StoreFullException">The store's limit is reached; nothing was changed.</exception>
    public void Apply(in Record record, ReadOnlySpan<byte> raw)
    {
        long version = Offset + raw.Length;
        Log.Reserve(raw.Length);
        switch (record.Kind)
        {
            case RecordKind.Set:
                EntryExpiration expiration = RecordExpiration.Of(record);
                Store.Set(Store.MakeKey(record.Key), record.Value, expiration, version, version);
                break;
            case RecordKind.Remove:
                Store.Remove(Store.MakeKey(record.Key));
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

        Log.Append(raw);
        EndRecord(raw.Length);
    }

    /// <summary>Gives the memory of a data set back that is served no longer, or never was. Reads under way end safely.</summary>
    public void Retire()
    {
        Log.Drop();
        Store.Retire();
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
