using System.Buffers;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Snapshots;

/// <summary>
/// The content of one snapshot file, produced piece by piece while writes go on: a full sync to nobody. One more reader of the store and of the
/// stream, it holds the stream as a slow replica does, within the same limit. Driven by one loop; what takes the gate says so.
/// </summary>
internal sealed class SnapshotRecording
{
    private readonly NodeCore _node;
    private readonly DataSet _data;
    private readonly StreamCursor _cursor;
    private readonly SnapshotSender _snapshot;
    private readonly FullSyncStartFrame _start;
    private SendPolicy _policy;
    private bool _isEndWritten;

    /// <summary>Begins at the present offset. Under the gate.</summary>
    public SnapshotRecording(NodeCore node)
    {
        _node = node;
        _data = node.Data;
        _cursor = _data.Log.OpenCursor(_data.Offset);
        _snapshot = new SnapshotSender(_data.Store.CreateSnapshotCursor(), node.Settings.ChunkSize);
        _start = new FullSyncStartFrame(
            _data.History.Id,
            _data.History.OriginId,
            _data.History.Ancestors,
            _data.Offset,
            _data.Store.Seed.ToWire(),
            _data.Store.Count,
            _data.Store.UsedBytes);
        node.Recording = this;
    }

    /// <summary>
    /// Whether the end may be chosen as soon as the snapshot is through. The last save of a stopping node waits with it until no replica can
    /// get more. Under the gate.
    /// </summary>
    public bool MayEnd { get; set; } = true;

    /// <summary>What holds at the end offset; null before that is chosen. A change that was made before it is null will be in the file. Under the gate.</summary>
    public SnapshotFileTrailer? End { get; private set; }

    /// <summary>The history at the end offset.</summary>
    public ReplicationHistory? EndHistory { get; private set; }

    /// <summary>Whether everything was handed out.</summary>
    public bool IsWritten => _isEndWritten;

    /// <summary>Why it was given up; null if it was not.</summary>
    public string? AbandonedFor { get; private set; }

    public long Entries => _snapshot.Entries;

    /// <summary>What the file begins with. Called once, first.</summary>
    public void WriteStart(IBufferWriter<byte> output)
    {
        NodeSettings settings = _node.Settings;
        new SnapshotFileHeader(settings.CacheName, settings.MaxKeySize, settings.MaxValueSize).Write(output);
        FrameWriter.Write(output, _start);
    }

    /// <summary>
    /// Says what comes next. Under the gate. A piece of stream or snapshot is written by <see cref="Encode"/> outside of it, and the
    /// lease of a piece of stream is released under it; <see cref="SendKind.Close"/> means that it is written or abandoned, <see cref="SendKind.Wait"/> that the end may not be chosen yet.
    /// </summary>
    public SendWork NextWork(IBufferWriter<byte> output, Moment now)
    {
        if (AbandonedFor is not null || _isEndWritten)
        {
            return SendWork.Of(SendKind.Close);
        }

        if (End is null && _snapshot.IsFinished && MayEnd)
        {
            ChooseEnd(now);
        }

        if (End is { } end && _cursor.Position == end.EndOffset)
        {
            WriteEnd(output, end);
            return SendWork.Of(SendKind.Flush);
        }

        bool isSnapshotOpen = !_snapshot.IsFinished;
        if (isSnapshotOpen && (_snapshot.HasUnsentBytes || _policy.IsSnapshotNext(_cursor.PendingBytes, _node.Settings)))
        {
            return SendWork.Of(SendKind.Snapshot);
        }

        if (_cursor.TryLease(_node.Settings.ChunkSize, End?.EndOffset ?? long.MaxValue, out StreamLease lease))
        {
            return new SendWork(SendKind.Stream, lease);
        }

        return SendWork.Of(isSnapshotOpen ? SendKind.Snapshot : SendKind.Wait);
    }

    /// <summary>Does the part of the work that needs no gate.</summary>
    public void Encode(in SendWork work, IBufferWriter<byte> output)
    {
        if (work.Kind == SendKind.Stream)
        {
            FrameWriter.WriteStreamChunk(output, work.Lease.StartOffset, new ReadOnlySequence<byte>(work.Lease.Bytes));
        }
        else if (work.Kind == SendKind.Snapshot)
        {
            _snapshot.WriteChunk(output);
        }
    }

    /// <summary>Something was appended to the stream while much of it is held: a disk that cannot keep up ends the recording. Under the gate.</summary>
    public void CheckOutputLimit()
    {
        long pending = _cursor.PendingBytes - (_cursor.Position < _data.LargestRecordEnd ? _data.LargestRecordLength : 0);
        if (pending > _node.Settings.EffectiveOutputLimit)
        {
            Abandon($"The disk cannot keep up: {pending} bytes of stream wait for it, more than ReplicaOutputLimit ({_node.Settings.EffectiveOutputLimit}).");
        }
    }

    /// <summary>Gives up; the stream is held no longer. Under the gate. Does nothing when it is over.</summary>
    public void Abandon(string reason)
    {
        if (AbandonedFor is null && !_isEndWritten)
        {
            AbandonedFor = reason;
            Close();
        }
    }

    private void ChooseEnd(Moment now)
    {
        EndHistory = _data.History;
        End = new SnapshotFileTrailer(
            _data.History.Id,
            _data.History.OriginId,
            _data.History.Ancestors,
            _data.Offset,
            _data.Store.Count,
            _data.Store.Digest.Sum,
            now.UtcMilliseconds,
            _node.LastFollowedMaster);
    }

    private void WriteEnd(IBufferWriter<byte> output, in SnapshotFileTrailer end)
    {
        FrameWriter.Write(output, new SnapshotEndFrame(_snapshot.Entries, _snapshot.Digest.Sum, end.EndOffset, end.Entries, end.Digest));
        end.Write(output);
        _isEndWritten = true;
        Close();
    }

    private void Close()
    {
        _cursor.Close();
        if (ReferenceEquals(_node.Recording, this))
        {
            _node.Recording = null;
        }
    }
}
