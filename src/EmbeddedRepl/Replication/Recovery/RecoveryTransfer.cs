using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>How a transfer stands.</summary>
internal enum TransferResult
{
    /// <summary>More is to come.</summary>
    UnderWay,

    /// <summary>All of it is here, is what the holder has, and is served.</summary>
    Taken,

    /// <summary>What came is not what the holder said it had; it was dropped, and the own data is what it was.</summary>
    Differs,

    /// <summary>What came was added to the own data, and the sum is not what the holder has: the own data was different all along.</summary>
    OwnDiffers,

    /// <summary>The connection ended, or was ended. Whole records that came before stay if they were applied to the own data.</summary>
    Broken,
}

/// <summary>
/// Takes data from a replica: the bytes that the own data lacks, applied to it as they come, or a whole data set, built beside it and
/// swapped in at the end. Called under the gate.
/// </summary>
internal sealed class RecoveryTransfer : IDisposable
{
    private readonly NodeCore _node;
    private readonly RecoveryCandidate _offer;
    private readonly SyncReceiver _receiver;
    private bool _isSnapshotComplete;
    private bool _hasBegun;

    /// <param name="node">Whose data it goes to.</param>
    /// <param name="offer">What is taken.</param>
    /// <param name="allowsPartial">Whether the own data may be built on, if it is on the line of what is taken.</param>
    /// <param name="now">The present.</param>
    public RecoveryTransfer(NodeCore node, RecoveryCandidate offer, bool allowsPartial, Moment now)
    {
        _node = node;
        _offer = offer;
        _receiver = new SyncReceiver(node);
        StartedAt = LastProgressAt = now.Milliseconds;
        DataSet own = node.Data;
        bool isPartial = allowsPartial && own.HasHistory && own.Offset <= offer.Offset
            && offer.History.ContainsPosition(own.History, own.Offset);
        Request = new RecoveryRequestFrame(offer.Holder, isPartial ? RecoveryMode.Partial : RecoveryMode.Full, isPartial ? own.Offset : 0);
    }

    /// <summary>What is taken.</summary>
    public RecoveryCandidate Offer => _offer;

    /// <summary>Whether what this node serves has become, in whole or in part, what the holder has.</summary>
    public bool HasChangedOwnData { get; private set; }

    /// <summary>What the holder is asked for.</summary>
    public RecoveryRequestFrame Request { get; }

    public long StartedAt { get; }

    /// <summary>When something came last that brought the transfer on, in milliseconds of the monotonic clock.</summary>
    public long LastProgressAt { get; private set; }

    /// <summary>A sign that the holder is at it.</summary>
    public void NoteProgress(Moment now) => LastProgressAt = now.Milliseconds;

    /// <exception cref="ProtocolException">The frame cannot come here.</exception>
    /// <exception cref="Storage.StoreFullException">The data does not fit.</exception>
    public TransferResult Receive(FrameType type, in ReadOnlySequence<byte> payload, Moment now)
    {
        NoteProgress(now);
        switch (type)
        {
            case FrameType.FullSyncStart when !_hasBegun:
                // Also when only the missing bytes were asked for: the holder does not have them any more.
                _hasBegun = true;
                _receiver.BeginLoad(FramePayload.Read<FullSyncStartFrame>(payload), now);
                return TransferResult.UnderWay;
            case FrameType.SnapshotChunk when _receiver.Load is not null && !_isSnapshotComplete:
                _receiver.ReceiveSnapshot(SnapshotChunkFrame.Read(payload), now);
                return TransferResult.UnderWay;
            case FrameType.SnapshotEnd when _receiver.Load is { } load && !_isSnapshotComplete:
                _isSnapshotComplete = true;
                return load.FindDifference(FramePayload.Read<SnapshotEndFrame>(payload)) is null ? TransferResult.UnderWay : TransferResult.Differs;
            case FrameType.StreamChunk when !_isSnapshotComplete && (_receiver.Load is not null || BeginsPartial(now)):
                _receiver.ReceiveStream(StreamChunkFrame.Read(payload), now);
                return TransferResult.UnderWay;
            case FrameType.RecoveryEnd when _isSnapshotComplete || (_receiver.Load is null && BeginsPartial(now)):
                return End(FramePayload.Read<RecoveryEndFrame>(payload), now);
            default:
                throw new ProtocolException($"A {type} frame cannot come at this point of a recovery.");
        }
    }

    public void Dispose() => _receiver.Dispose();

    private bool BeginsPartial(Moment now)
    {
        if (_hasBegun || Request.Mode != RecoveryMode.Partial)
        {
            return _hasBegun;
        }

        // From here on the bytes are those of the holder's line; the own position is on it under the holder's id as well.
        _hasBegun = true;
        HasChangedOwnData = true;
        _node.TakeHistory(_offer.History);
        _receiver.BeginStream(now);
        return true;
    }

    private TransferResult End(in RecoveryEndFrame end, Moment now)
    {
        FullSyncLoad? load = _receiver.Load;
        DataSet data = load?.Target ?? _node.Data;
        if (data.Offset != end.EndOffset || data.Store.Digest.Sum != end.Digest || data.Store.Count != end.EntryCount || _receiver.IsInsideRecord)
        {
            return load is null ? TransferResult.OwnDiffers : TransferResult.Differs;
        }

        if (load is not null)
        {
            HasChangedOwnData = true;
            _node.Swap(_receiver.TakeLoad().Target, now);
        }

        return TransferResult.Taken;
    }
}
