using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Takes a sync in over one connection: a full sync into a data set of its own, or the stream into the one that is served. The counterpart of
/// <see cref="SyncSender"/>, used by a replica and, when a restarted master recovers, by the master. Called under the gate.
/// </summary>
internal sealed class SyncReceiver(NodeCore node) : IDisposable
{
    private RecordAssembler? _stream;
    private long _receivedOffset;

    /// <summary>The full sync that is being loaded, or null.</summary>
    public FullSyncLoad? Load { get; private set; }

    /// <summary>When data came last, in milliseconds of the monotonic clock.</summary>
    public long LastProgressAt { get; private set; }

    /// <summary>Up to where the stream has arrived; a part of the last record may still be missing.</summary>
    public long ReceivedOffset => Load?.ReceivedOffset ?? _receivedOffset;

    /// <summary>Whether the last record has not arrived whole.</summary>
    public bool IsInsideRecord => _stream is { PendingBytes: > 0 };

    /// <summary>Begins to build a data set beside the one that is served.</summary>
    /// <exception cref="Storage.StoreFullException">What is announced does not fit.</exception>
    public void BeginLoad(in FullSyncStartFrame start, Moment now)
    {
        Load = new FullSyncLoad(node, start, now);
        LastProgressAt = now.Milliseconds;
        Load.MakeRoom();
    }

    /// <summary>Applies what comes from now on to the data set that is served.</summary>
    public void BeginStream(Moment now)
    {
        DataSet data = node.Data;
        _receivedOffset = data.Offset;
        _stream?.Dispose();
        _stream = new RecordAssembler(node.Settings.RecordLimits, new StreamSink(data));
        LastProgressAt = now.Milliseconds;
    }

    /// <exception cref="ProtocolException">It is not what can come here.</exception>
    /// <exception cref="Storage.StoreFullException">It does not fit; nothing of the record that did not fit is visible.</exception>
    public void ReceiveSnapshot(in SnapshotChunkFrame chunk, Moment now)
    {
        LastProgressAt = now.Milliseconds;
        Load!.AddSnapshot(chunk);
    }

    /// <inheritdoc cref="ReceiveSnapshot"/>
    public void ReceiveStream(in StreamChunkFrame chunk, Moment now)
    {
        LastProgressAt = now.Milliseconds;
        if (Load is { } load)
        {
            load.AddStream(chunk);
            return;
        }

        StreamContinuity.Check(_receivedOffset, chunk.StartOffset);
        _receivedOffset += chunk.Bytes.Length;
        try
        {
            _stream!.Feed(chunk.Bytes);
        }
        finally
        {
            // Also when a record did not fit: those before it are applied, and sub-replicas get them.
            node.StreamAdvanced();
        }
    }

    /// <summary>The full sync is complete: whoever calls this serves it or retires it.</summary>
    public FullSyncLoad TakeLoad()
    {
        FullSyncLoad load = Load!;
        Load = null;
        load.Dispose();
        return load;
    }

    /// <summary>Drops what is half-built.</summary>
    public void Dispose()
    {
        if (Load is not null)
        {
            TakeLoad().Target.Retire();
        }

        _stream?.Dispose();
        _stream = null;
    }
}
