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

    /// <param name="node">Makes the data set, and says what a record may hold.</param>
    /// <param name="start">What the full sync begins with.</param>
    /// <param name="now">The present.</param>
    public FullSyncLoad(NodeCore node, in FullSyncStartFrame start, Moment now)
    {
        var history = new ReplicationHistory(start.Id, start.OriginId, [.. start.Ancestors]);
        Target = node.CreateDataSet(history, start.StartOffset, SeedOnTheWire.FromWire(start.Seed));
        EntryEstimate = start.EntryCountEstimate;
        ByteEstimate = start.ByteEstimate;
        StartedAt = now.Milliseconds;
        ReceivedOffset = Target.Offset;
        _snapshot = new RecordAssembler(node.Settings.RecordLimits, new EntrySink(this));
        _stream = new RecordAssembler(node.Settings.RecordLimits, new StreamSink(Target));
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

    /// <summary>About how much memory the data set takes, in bytes.</summary>
    private long ByteEstimate { get; }

    /// <summary>Makes room for as many entries as are announced. The load is dropped as any other if there is none.</summary>
    /// <exception cref="StoreFullException">What is announced does not fit.</exception>
    public void MakeRoom() => Target.Store.EnsureCapacity(EntryEstimate, ByteEstimate);

    /// <exception cref="ProtocolException">It is not what can come here.</exception>
    /// <exception cref="StoreFullException">It does not fit.</exception>
    public void AddSnapshot(in SnapshotChunkFrame chunk)
    {
        SnapshotBytes += chunk.Bytes.Length;
        _snapshot.Feed(chunk.Bytes);
    }

    /// <inheritdoc cref="AddSnapshot"/>
    public void AddStream(in StreamChunkFrame chunk)
    {
        StreamContinuity.Check(ReceivedOffset, chunk.StartOffset);
        ReceivedOffset += chunk.Bytes.Length;
        _stream.Feed(chunk.Bytes);
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
        Target.Store.EndOfLoad();
        _snapshot.Dispose();
        _stream.Dispose();
    }

    // It names no store to load ahead: the entries of a snapshot come in the order of the index, and each is new, so what they change is in the processor's cache already, or was never in any.
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
    public CacheStore Store => target.Store;

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
