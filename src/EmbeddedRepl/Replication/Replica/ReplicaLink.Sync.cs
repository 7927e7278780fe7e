using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Replica;

/// <content>From the sync request to the stream, and what is applied then.</content>
internal sealed partial class ReplicaLink
{
    /// <summary>Whether the full sync that the master offered was confirmed.</summary>
    private bool _hasAcceptedOffer;

    /// <summary>Whether somebody decided that the present line is given up by it: an order, an override, or a promotion that ended it.</summary>
    private bool _leavesItsLine;

    private void ReceiveContinue(in ContinueFrame frame, Moment now)
    {
        DataSet data = _node.Data;
        var history = new ReplicationHistory(frame.Id, frame.OriginId, [.. frame.Ancestors]);
        if (frame.Offset != data.Offset || !history.ContainsPosition(data.History, data.Offset))
        {
            throw new ProtocolException($"The master continues at offset {frame.Offset} a history that this node is not on.");
        }

        if (history.Id != data.History.Id)
        {
            _node.TakeHistory(history);
        }

        _node.Counters.PartialResyncsCompleted++;
        _node.Events.PartialResyncStarted(_keeper.Target, frame.Id, frame.Offset);
        BecomeStreaming(now);
    }

    private void ReceiveOffer(in FullSyncOfferFrame offer, Moment now)
    {
        if (_node.IsLoading)
        {
            // This node came before its data, in case the master recovers. It does not, so there is time.
            Close(CloseReason.NotNow, "This node is loading its snapshot file; it asks again when that is through.", now);
            return;
        }

        DataSet data = _node.Data;
        var offered = new ReplicationHistory(offer.Id, offer.OriginId, [.. offer.Ancestors]);
        ConfirmationReason reason = FullSyncConfirmation.Decide(
            data.History, data.Offset, data.HoldsData, _keeper.IsOrdered, offered, offer.Offset, offer.Override);
        if (FullSyncConfirmation.IsAccepted(reason))
        {
            _hasAcceptedOffer = true;
            _keeper.Refusal = null;
            _leavesItsLine = _keeper.IsOrdered || offer.Override || reason == ConfirmationReason.EndedByPromotion;
            _node.Events.FullSyncConfirmed(_keeper.Target, reason, LostPosition.BytesBeyond(data.History, data.Offset, offered, offer.Offset) ?? 0);
            Send(new FullSyncAcceptFrame());
            Signal.Set();
            return;
        }

        string message = FullSyncConfirmation.Explain(reason);
        _keeper.Refusal = message;
        _node.Counters.FullSyncsRefused++;
        _node.Events.FullSyncRefused(_keeper.Target, reason);
        Send(new FullSyncRefuseFrame(
            reason == ConfirmationReason.ReplicaIsAhead ? FullSyncRefusal.AheadOfMaster : FullSyncRefusal.UnrelatedHistory, message));
        Close(CloseReason.FullSyncRefused, message, now);
    }

    private void ReceiveStart(in FullSyncStartFrame start, Moment now)
    {
        _receiver.BeginLoad(start, now);
        State = ReplicationLinkState.ReceivingSnapshot;
        _node.Staleness.SyncBegins(start.StartOffset, now);
        _node.Events.FullSyncReceiving(_keeper.Target, start.Id, start.StartOffset, start.EntryCountEstimate);
    }

    private void ReceiveStream(in StreamChunkFrame chunk, Moment now)
    {
        _receiver.ReceiveStream(chunk, now);
        if (Load is null)
        {
            MasterEndOffset = Math.Max(MasterEndOffset, _receiver.ReceivedOffset);
            _node.Staleness.Applied(_node.Data.Offset);
        }
    }

    private void ReceiveSnapshotEnd(in SnapshotEndFrame end, Moment now)
    {
        FullSyncLoad load = Load!;
        if (load.FindDifference(end) is { } difference)
        {
            Close(CloseReason.DigestMismatch, $"The full sync is discarded: {difference}.", now, ErrorCode.DigestMismatch);
            return;
        }

        _node.NoteReplacement(load.Target, _leavesItsLine);
        _node.Swap(_receiver.TakeLoad().Target, now);
        _node.Counters.FullSyncsCompleted++;
        _node.Counters.LastFullSyncReceived = now.Milliseconds - load.StartedAt;
        _node.Events.FullSyncReceived(
            _keeper.Target, load.Target.History.Id, load.Target.Offset, load.Entries, load.SnapshotBytes, now.Milliseconds - load.StartedAt);
        BecomeStreaming(now);
    }

    private void BecomeStreaming(Moment now)
    {
        DataSet data = _node.Data;
        _receiver.BeginStream(now);
        MasterEndOffset = Math.Max(MasterEndOffset, data.Offset);
        State = ReplicationLinkState.Streaming;
        _node.Staleness.Applied(data.Offset);
        _ackIsUrgent = true;
        _node.UplinkReady();
        _node.Counters.LinkUps++;
        _keeper.Synced(now);
        _node.Events.LinkUp(_keeper.Target, data.History.Id, data.Offset);
        _node.AdmitToFullSync(now);
        Signal.Set();
    }

    private void ReceiveHistoryChanged(in HistoryChangedFrame frame)
    {
        var history = new ReplicationHistory(frame.NewId, frame.OriginId, [.. frame.Ancestors]);
        DataSet data = Load?.Target ?? _node.Data;
        if (frame.Offset != data.Offset || !history.ContainsPosition(data.History, data.Offset))
        {
            throw new ProtocolException($"The id changes at offset {frame.Offset}, but {data.Offset} is applied, or the new history does not continue the old one.");
        }

        if (Load is null)
        {
            _node.TakeHistory(history);
        }
        else
        {
            data.ChangeHistory(history);
        }
    }
}
