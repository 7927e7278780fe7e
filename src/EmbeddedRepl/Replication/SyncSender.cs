using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Sends one data set over one connection: its stream from an offset on, for a full sync interleaved with a snapshot, and between them the frames
/// that must stand exactly at one offset. Master and replica use it alike, because a recovery runs the same frames the other way.
/// Called under the gate, except <see cref="Encode"/>, which one sender loop calls outside of it.
/// </summary>
internal sealed class SyncSender
{
    private readonly DataSet _data;
    private readonly NodeSettings _settings;
    private readonly StreamCursor _cursor;
    private readonly OffsetMarkers _markers = new();
    private SnapshotSender? _snapshot;
    private SendPolicy _policy;
    private bool _snapshotEndQueued;
    private bool _endsRecovery;

    /// <param name="data">What is sent.</param>
    /// <param name="settings">Sizes of chunks and limits of the output.</param>
    /// <param name="offset">Where the stream begins; must be in the data set's log.</param>
    /// <param name="withSnapshot">Whether the entries are sent, too.</param>
    public SyncSender(DataSet data, NodeSettings settings, long offset, bool withSnapshot)
    {
        _data = data;
        _settings = settings;
        _cursor = data.Log.OpenCursor(offset);
        _snapshot = withSnapshot ? new SnapshotSender(data.Store.CreateSnapshotCursor(), settings.ChunkSize) : null;
    }

    /// <summary>The next byte of the stream that will be sent.</summary>
    public long Position => _cursor.Position;

    /// <summary>Bytes of stream that wait to be sent.</summary>
    public long PendingBytes => _cursor.PendingBytes;

    /// <summary>
    /// What counts against the limits of the output. The largest record that waits does not, neither when it is appended nor
    /// when smaller ones follow it while it is on its way: one larger than a limit could otherwise never be delivered.
    /// </summary>
    public long LimitedBytes => _cursor.PendingBytes - (_cursor.Position < _data.LargestRecordEnd ? _data.LargestRecordLength : 0);

    /// <summary>Whether frames wait for their offset.</summary>
    public bool HasMarkers => !_markers.IsEmpty;

    /// <summary>Whether the snapshot, or a frame behind it, is still to be sent.</summary>
    public bool IsUnfinished => _snapshot is not null || HasMarkers;

    /// <summary>Entries of the snapshot as they were sent; complete when its end was emitted.</summary>
    public long SnapshotEntries { get; private set; }

    /// <summary>Bytes of the snapshot; complete when its end was emitted.</summary>
    public long SnapshotBytes { get; private set; }

    /// <summary>Lets a frame be sent exactly at <paramref name="offset"/>, which is the present end of the stream.</summary>
    public void AddMarker<T>(long offset, MarkerKinds kind, in T frame)
        where T : struct, IFrame<T>
    {
        var buffer = new ArrayBufferWriter<byte>();
        FrameWriter.Write(buffer, frame);
        _markers.Add(offset, kind, buffer.WrittenSpan.ToArray());
    }

    /// <summary>Writes the frames whose offset has been reached.</summary>
    /// <returns>What they said.</returns>
    public MarkerKinds EmitMarkers(IBufferWriter<byte> output)
    {
        if (_snapshot is { HasUnsentBytes: true })
        {
            return MarkerKinds.None;
        }

        MarkerKinds emitted = _markers.Emit(_cursor.Position, output);
        if (emitted.HasFlag(MarkerKinds.SnapshotEnd))
        {
            SnapshotEntries = _snapshot!.Entries;
            SnapshotBytes = _snapshot.Bytes;
            _snapshot = null;
        }

        return emitted;
    }

    /// <summary>The next piece of snapshot or stream; <see cref="SendKind.Wait"/> if there is none.</summary>
    public SendWork NextData()
    {
        bool snapshotOpen = _snapshot is { IsFinished: false };
        if (snapshotOpen && (_snapshot!.HasUnsentBytes || _policy.IsSnapshotNext(PendingBytes, _settings)))
        {
            return SendWork.Of(SendKind.Snapshot);
        }

        if (_cursor.TryLease(_settings.ChunkSize, _markers.NextOffset, out StreamLease lease))
        {
            return new SendWork(SendKind.Stream, lease);
        }

        return SendWork.Of(snapshotOpen ? SendKind.Snapshot : SendKind.Wait);
    }

    /// <summary>Appends the piece of stream or snapshot that <see cref="NextData"/> said comes next. Not under the gate.</summary>
    public void Encode(in SendWork work, IBufferWriter<byte> output)
    {
        if (work.Kind == SendKind.Stream)
        {
            FrameWriter.WriteStreamChunk(output, work.Lease.StartOffset, new ReadOnlySequence<byte>(work.Lease.Bytes));
        }
        else if (work.Kind == SendKind.Snapshot)
        {
            _snapshot!.WriteChunk(output);
        }
    }

    /// <summary>A piece of the snapshot was sent. When it was the last one, the end of the snapshot is put where the stream ends now.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool SnapshotSent()
    {
        if (_snapshotEndQueued || _snapshot is not { IsFinished: true } snapshot)
        {
            return false;
        }

        _snapshotEndQueued = true;
        AddMarker(_data.Offset, MarkerKinds.SnapshotEnd, new SnapshotEndFrame(
            snapshot.Entries, snapshot.Digest.Sum, _data.Offset, _data.Store.Count, _data.Store.Digest.Sum));
        if (_endsRecovery)
        {
            AddRecoveryEnd();
        }

        return true;
    }

    /// <summary>What is sent is all that a recovering master asked for: when it is there, the master is told what it must have.</summary>
    public void EndRecovery()
    {
        _endsRecovery = true;
        if (_snapshot is null)
        {
            AddRecoveryEnd();
        }
    }

    /// <summary>Gives the place in the stream up. A piece that is on its way stays valid.</summary>
    public void Close() => _cursor.Close();

    private void AddRecoveryEnd() => AddMarker(
        _data.Offset, MarkerKinds.RecoveryEnd, new RecoveryEndFrame(_data.Offset, _data.Store.Digest.Sum, _data.Store.Count));
}
