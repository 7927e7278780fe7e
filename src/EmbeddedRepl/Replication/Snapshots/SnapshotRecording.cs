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
    private readonly SyncSender _sender;
    private readonly FullSyncStartFrame _start;
    private bool _isEndWritten;

    /// <summary>Begins at the present offset. Under the gate.</summary>
    public SnapshotRecording(NodeCore node)
    {
        _node = node;
        _data = node.Data;
        ChangesAtStart = _data.Changes;
        _sender = new SyncSender(_data, node.Settings, _data.Offset, withSnapshot: true);
        _start = _data.DescribeFullSync(_data.Offset);
        node.Recording = this;
    }

    /// <summary>What is being saved.</summary>
    public DataSet Data => _data;

    /// <summary>The changes of the data set when this began: all of them will be in the file.</summary>
    public long ChangesAtStart { get; }

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

        if (MayEnd && _sender.SnapshotSent())
        {
            ChooseEnd(now);
        }

        if (_sender.EmitMarkers(output).HasFlag(MarkerKinds.SnapshotEnd))
        {
            End!.Value.Write(output);
            _isEndWritten = true;
            Close();
            return SendWork.Of(SendKind.Flush);
        }

        return _sender.NextData();
    }

    /// <summary>Does the part of the work that needs no gate.</summary>
    public void Encode(in SendWork work, IBufferWriter<byte> output) => _sender.Encode(work, output);

    /// <summary>Something was appended to the stream while much of it is held: a disk that cannot keep up ends the recording. Under the gate.</summary>
    public void CheckOutputLimit()
    {
        long pending = _sender.LimitedBytes;
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

    private void Close()
    {
        _sender.Close();
        if (ReferenceEquals(_node.Recording, this))
        {
            _node.Recording = null;
        }
    }
}
