using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication.Replica;

/// <summary>
/// A full sync on its way in. It builds a data set beside the one that is served, from two interleaved streams: entries of
/// the snapshot, and records of the replication stream from the snapshot's start. The new data set is consistent, and may
/// replace the old one, at the snapshot's end offset and not before. Dropping this object leaves the old data as it was.
/// </summary>
internal sealed class FullSyncLoad : IDisposable
{
    private readonly RecordAssembler _snapshot;
    private readonly RecordAssembler _stream;

    public FullSyncLoad(DataSet target, RecordLimits limits, long entryEstimate, Moment now)
    {
        Target = target;
        EntryEstimate = entryEstimate;
        StartedAt = now.Ticks;
        ReceivedOffset = target.Offset;
        _snapshot = new RecordAssembler(limits, new EntrySink(this));
        _stream = new RecordAssembler(limits, new StreamSink(target));
    }

    /// <summary>What is being built.</summary>
    public DataSet Target { get; }

    public long StartedAt { get; }

    public long EntryEstimate { get; }

    public long Entries { get; private set; }

    public long SnapshotBytes { get; private set; }

    /// <summary>The next byte of the stream that may come.</summary>
    public long ReceivedOffset { get; private set; }

    private StoreDigest DigestOfReceived { get; set; }

    public void AddSnapshot(ReadOnlySpan<byte> bytes)
    {
        SnapshotBytes += bytes.Length;
        _snapshot.Feed(bytes);
    }

    public void AddStream(long startOffset, ReadOnlySpan<byte> bytes)
    {
        StreamContinuity.Check(ReceivedOffset, startOffset);
        ReceivedOffset += bytes.Length;
        _stream.Feed(bytes);
    }

    /// <summary>Compares what was built with what the master says it must be.</summary>
    /// <returns>Null if it is equal, otherwise what differs.</returns>
    public string? FindDifference(in SnapshotEndFrame end)
    {
        if (_snapshot.PendingBytes > 0 || _stream.PendingBytes > 0)
        {
            return "the snapshot ended in the middle of a record";
        }

        if (Target.Offset != end.EndOffset)
        {
            return $"the snapshot ends at offset {end.EndOffset}, but the stream was received up to {Target.Offset}";
        }

        if (Entries != end.EntriesSent || DigestOfReceived != new StoreDigest(end.DigestOfSent))
        {
            return $"{Entries} of {end.EntriesSent} entries arrived as they were sent";
        }

        if (Target.Store.Count != end.EntryCountAtEnd || Target.Store.Digest != new StoreDigest(end.DigestAtEnd))
        {
            return $"{Target.Store.Count} entries were built where the master has {end.EntryCountAtEnd}, or their digests differ";
        }

        return null;
    }

    public void Dispose()
    {
        _snapshot.Dispose();
        _stream.Dispose();
    }

    private sealed class EntrySink(FullSyncLoad load) : IRecordSink
    {
        public void Accept(in Record record, ReadOnlySpan<byte> raw)
        {
            if (record.Kind != RecordKind.Entry)
            {
                throw new ProtocolException($"A record of kind {record.Kind} cannot stand in a snapshot.");
            }

            CacheStore store = load.Target.Store;
            EntryExpiration expiration = RecordExpiration.Of(record);
            load.DigestOfReceived += store.Set(store.MakeKey(record.Key), record.Value, expiration, record.Version, record.LastChange);
            load.Entries++;
        }
    }
}

/// <summary>Applies records of the stream to a data set.</summary>
internal sealed class StreamSink(DataSet target) : IRecordSink
{
    public void Accept(in Record record, ReadOnlySpan<byte> raw) => target.Apply(record, raw);
}

/// <summary>The stream must arrive without a gap and without a repetition.</summary>
internal static class StreamContinuity
{
    public static void Check(long expected, long startOffset)
    {
        if (startOffset != expected)
        {
            throw new ProtocolException($"The stream goes on at offset {startOffset}, but {expected} was to come.");
        }
    }
}
