using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Master;

/// <content>What the sender loop is given, and what is told at its place in the stream.</content>
internal sealed partial class MasterSession
{
    private long _workStartedAt = -1;

    public override SendWork NextWork(IBufferWriter<byte> output, Moment now)
    {
        // Named since the sender looked, or another thread sends here: they must not wait for what this replica takes its time for.
        WakeCompanions();
        bool wrote = FlushControlFrames(output);
        if (IsClosed)
        {
            return SendWork.Of(SendKind.Close);
        }

        SendWork work = SendWork.Of(SendKind.Wait);
        if (_sender is not null)
        {
            wrote |= EmitMarkers(output, now);
            work = _sender.NextData();
        }

        if (work.Kind == SendKind.Wait)
        {
            if (!wrote)
            {
                BecomeIdle();
                return work;
            }

            work = SendWork.Of(SendKind.Flush);
        }

        _workStartedAt = now.Milliseconds;
        return work;
    }

    public override void Complete(in SendWork work, Moment now)
    {
        _workStartedAt = -1;
        base.Complete(work, now);
    }

    /// <summary>The data set takes another id at the current end of the stream; the replica is told exactly there.</summary>
    public void AnnounceHistory(ReplicationHistory history, long offset)
    {
        if (_sender is not null)
        {
            _sender.AddMarker(offset, MarkerKinds.HistoryChanged, new HistoryChangedFrame(history.Id, offset, history.Ancestors, history.OriginId));
            Wake();
        }
    }

    /// <summary>
    /// This node follows somebody else, or learnt that somebody further up does: a cycle shows in it. A replica that is too old for the news learns it in its next handshake, to which
    /// <see cref="Tick"/> brings it once it streams.
    /// </summary>
    public void AnnounceUpstream(IReadOnlyList<RunId> upstream)
    {
        if (IsClosed || !_handshake.IsComplete)
        {
            return;
        }

        if (_handshake.Shared.HasFlag(Capabilities.UpstreamUpdates))
        {
            Send(new UpstreamChangedFrame(upstream));
            Wake();
        }
        else
        {
            // A node that offers no updates itself is played as one of a version that knew nothing of them.
            _knowsOldUpstream = _node.Settings.OfferedCapabilities.HasFlag(Capabilities.UpstreamUpdates) && !upstream.SequenceEqual(_handshake.ToldUpstream);
        }
    }

    private bool EmitMarkers(IBufferWriter<byte> output, Moment now)
    {
        MarkerKinds emitted = _sender!.EmitMarkers(output);
        if (emitted.HasFlag(MarkerKinds.Digest))
        {
            _digestPending = false;
        }

        if (emitted.HasFlag(MarkerKinds.SnapshotEnd))
        {
            State = ReplicaSessionState.Streaming;
            _servedFrom = _sender.Position;
            _node.Counters.LastFullSyncSent = now.Milliseconds - _snapshotStartedAt;
            _node.Events.FullSyncSent(Peer, _sender.SnapshotEntries, _sender.SnapshotBytes, _sender.Position, now.Milliseconds - _snapshotStartedAt);
            BeginStreaming(_sender.Position);
            _node.LeaveFullSyncLine(this, now);
        }

        return emitted != MarkerKinds.None;
    }

    /// <summary>The loop will wait for <see cref="Signal"/>; whoever appends to the stream wakes it.</summary>
    private void BecomeIdle()
    {
        if (!IsIdle)
        {
            IsIdle = true;
            _node.IdleSessions++;
        }
    }
}
