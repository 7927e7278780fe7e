using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication;

/// <content>The sessions of the replicas: who may come, who waits in line, who has to go.</content>
internal sealed partial class NodeCore
{
    /// <summary>Sends those away who offered data: nobody collects offers any more.</summary>
    public void CloseOffers(string message, Moment now)
    {
        for (int i = _sessions.Count - 1; i >= 0; i--)
        {
            if (_sessions[i].State == ReplicaSessionState.Recovering)
            {
                _sessions[i].Close(CloseReason.RecoveryEnded, message, now, ErrorCode.HistoryReplaced);
            }
        }
    }

    /// <summary>Lets those in who wait in line, as far as there are places: called when the link is up again and at a promotion.</summary>
    public void AdmitToFullSync(Moment now)
    {
        foreach (MasterSession next in FullSyncs.Admit(FullSyncPlaces))
        {
            next.StartFullSync(now);
        }
    }

    /// <summary>A connection came in.</summary>
    /// <param name="peer">How it is called in messages.</param>
    /// <param name="isLoopback">Whether it comes from this machine.</param>
    /// <param name="signal">Wakes the loop that sends to it.</param>
    /// <param name="now">The present.</param>
    public MasterSession Accept(string peer, bool isLoopback, INodeSignal signal, Moment now)
    {
        var session = new MasterSession(this, peer, signal, now);
        _sessions.Add(session);
        Events.SessionOpened(peer);
        if (Settings.ProtectedMode && Settings.AcceptedPasswords.Count == 0 && !isLoopback)
        {
            session.Refuse(
                ErrorCode.ProtectedMode,
                "Protected mode: no password is set, so only peers on the same machine are accepted. Set Password on this node and its replicas, or ProtectedMode to false.",
                now);
        }
        else if (IsStopping)
        {
            session.Refuse(ErrorCode.ShuttingDown, "This node is stopping.", now);
        }

        return session;
    }

    /// <summary>A session or its connection is over.</summary>
    public void SessionClosed(MasterSession session, Moment now)
    {
        if (!_sessions.Remove(session))
        {
            return;
        }

        if (session.IsIdle)
        {
            session.IsIdle = false;
            IdleSessions--;
        }

        session.WakeCompanions();
        Requests.SessionClosed(session);
        Events.SessionClosed(session.Peer, session.ClosedFor, session.CloseMessage);
        if (session.HasStreamed)
        {
            Events.ReplicaLeft(session.Peer, session.AckedOffset, session.ClosedFor, session.CloseMessage);
        }

        LeaveFullSyncLine(session, now);
        MinReplicas.Update(now);
        if (session.WasServed)
        {
            _backlogLife.Restart();
        }
    }

    /// <summary>
    /// A replica asks to sync: connections of the same process that came before are over, though this end may not notice it for <c>LinkTimeout</c>. Until then they would
    /// count as replicas, hold the stream, and take places in the line that their own replica waits in.
    /// </summary>
    public void Supersede(MasterSession asking, Moment now)
    {
        int index = _sessions.IndexOf(asking);
        for (int i = _sessions.Count - 1; i >= 0; i--)
        {
            if (i != index && _sessions[i].RunId == asking.RunId && _sessions[i].TakesPlace)
            {
                // Whoever came last counts, also if what it asked was read first.
                MasterSession older = i < index ? _sessions[i] : asking;
                older.Close(CloseReason.Superseded, "The replica has come by a newer connection.", now);
                if (asking.IsClosed)
                {
                    return;
                }

                index--;
            }
        }
    }

    public void LeaveFullSyncLine(MasterSession session, Moment now)
    {
        foreach (MasterSession next in FullSyncs.Leave(session, FullSyncPlaces))
        {
            next.StartFullSync(now);
        }
    }

    /// <summary>Why no sync can be served at the moment; null if one can.</summary>
    public (NotNowReason Code, string Message)? FindTransientInability()
    {
        if (IsStopping)
        {
            return (NotNowReason.Stopping, "This node is stopping.");
        }

        if (IsLoading && OfferCollector is null)
        {
            return (NotNowReason.Loading, "This node is loading its snapshot file.");
        }

        int attached = 0;
        foreach (MasterSession session in _sessions)
        {
            attached += session.TakesPlace ? 1 : 0;
        }

        if (attached >= Settings.MaxReplicas)
        {
            return (NotNowReason.TooManyReplicas, $"{attached} replicas are attached; MaxReplicas allows no more.");
        }

        if (Recovery is { } recovery)
        {
            return (NotNowReason.Recovering, recovery.Message);
        }

        if (Data.HasHistory)
        {
            return null;
        }

        return OfferCollector is null
            ? (NotNowReason.Loading, "This node has not completed its own first sync.")
            : (NotNowReason.Recovering, "This node's master recovers, and this node has nothing itself.");
    }

    private void CloseSessions(CloseReason reason, string message, Moment now, ErrorCode tell, Func<MasterSession, bool> which)
    {
        // All are sent away, so nobody's turn comes: without this, the first to leave would let the next one begin a full sync.
        FullSyncs.Dissolve();
        for (int i = _sessions.Count - 1; i >= 0; i--)
        {
            if (which(_sessions[i]))
            {
                _sessions[i].Close(reason, message, now, tell);
            }
        }
    }
}
