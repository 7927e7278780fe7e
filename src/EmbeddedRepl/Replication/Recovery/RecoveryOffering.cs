using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>
/// What a replica does on its link while its master recovers: says what it has, hands up what its own replicas have, and gives what it is asked
/// for. Data of a replica below is first taken by this node and then given on. Called under the gate.
/// </summary>
internal sealed class RecoveryOffering : IOfferCollector
{
    /// <summary>While this node takes data from below, its master is told so often that it is at it, in milliseconds.</summary>
    private const long SignOfLifeInterval = 1_000;

    private readonly NodeCore _node;
    private readonly ReplicaLinkKeeper _keeper;
    private readonly IRecoveryUplink _uplink;
    private readonly Dictionary<RunId, RecoveryCandidate> _said = [];
    private RecoveryRequestFrame? _awaited;
    private MasterSession? _source;
    private (RecoveryCandidate Offer, ReplicationId OwnId, long OwnOffset)? _taking;
    private long _lastSignAt;
    private string? _failure;

    public RecoveryOffering(NodeCore node, ReplicaLinkKeeper keeper, IRecoveryUplink uplink, Moment now)
    {
        _node = node;
        _keeper = keeper;
        _uplink = uplink;
        SayWhatChanged(now);
    }

    /// <summary>Sends what the master asked for; null if it asked for nothing yet.</summary>
    public SyncSender? Sender { get; private set; }

    public void OfferCame(RecoveryCandidate candidate, Moment now) => SayWhatChanged(now);

    public void Tick(Moment now)
    {
        if (_failure is { } failure)
        {
            _uplink.GiveUp(failure, now);
            return;
        }

        SayWhatChanged(now);
        if (_awaited is not null && _source is null)
        {
            GoOnWhenLoaded(now);
            return;
        }

        if (_source is not { Transfer: { } transfer } source)
        {
            return;
        }

        if (now.Milliseconds - transfer.LastProgressAt >= _node.Settings.LinkTimeout)
        {
            source.Close(CloseReason.NoProgress, "The recovery made no progress for LinkTimeout.", now, ErrorCode.Internal);
        }
        else if (now.Milliseconds - _lastSignAt >= SignOfLifeInterval && transfer.LastProgressAt > _lastSignAt)
        {
            _lastSignAt = now.Milliseconds;
            _uplink.Say(_said[_node.RunId]);
        }
    }

    /// <summary>The master asks for data.</summary>
    /// <exception cref="ProtocolException">It was not offered, or something else is still being given.</exception>
    public void Receive(in RecoveryRequestFrame request, Moment now)
    {
        if (_awaited is not null || Sender is { IsUnfinished: true })
        {
            throw new ProtocolException("The master asks for data while it is being given some.");
        }

        // What was given is through. Its place in the stream goes, or it would send what this node takes from below before that was asked of it.
        Sender?.Close();
        Sender = null;
        if (request.Holder == _node.RunId)
        {
            if (!_said.TryGetValue(request.Holder, out RecoveryCandidate? own) || !own.IsUsable)
            {
                throw new ProtocolException("The master asks for data that was not offered.");
            }

            Give(request);
            return;
        }

        _awaited = request;
        _lastSignAt = now.Milliseconds;
        if (!_node.IsLoading)
        {
            TakeFromBelow(request.Holder, now);
        }
    }

    public void TransferEnded(MasterSession session, TransferResult result, Moment now)
    {
        if (session != _source || _awaited is not { } request)
        {
            return;
        }

        _source = null;
        _awaited = null;
        (RecoveryCandidate offer, ReplicationId id, long offset) = _taking!.Value;
        if (result == TransferResult.Taken || (result == TransferResult.Broken && (_node.Data.History.Id != id || _node.Data.Offset != offset)))
        {
            // What came of a transfer that broke off is a part of what the replica has, and what this node had before is another.
            _keeper.TookFromBelow(offer.IsGivenUp);
        }

        if (result == TransferResult.Taken)
        {
            _node.Counters.RecoveriesTaken++;
            _node.Events.RecoveryTaken(session.Peer, _node.Data.History.Id, _node.Data.Offset, _node.Data.Store.Count);
            Give(request);
        }
        else
        {
            _node.Events.RecoveryFailed(session.Peer, $"The transfer ended: {result}.");

            // At the next tick: the session below may be one of many that are being closed at this moment.
            _failure = "The data of the replica below could not be had.";
        }
    }

    /// <summary>What was asked for while the own file is loaded waits for that: the file would replace it, and readers would see the past again.</summary>
    private void GoOnWhenLoaded(Moment now)
    {
        if (_node.IsLoading)
        {
            if (now.Milliseconds - _lastSignAt >= SignOfLifeInterval)
            {
                _lastSignAt = now.Milliseconds;
                _uplink.Say(_said[_node.RunId]);
            }
        }
        else if (_node.Data.HasHistory)
        {
            _uplink.GiveUp("This node has loaded its file, and the master has to know what it holds.", now);
        }
        else
        {
            TakeFromBelow(_awaited!.Value.Holder, now);
        }
    }

    private void TakeFromBelow(RunId holder, Moment now)
    {
        if (!_node.Offers.TryFind(holder, out MasterSession session, out RecoveryCandidate offer) || !offer.IsUsable)
        {
            _uplink.GiveUp("The replica whose data the master wants has left.", now);
            return;
        }

        if (!ToHandUp(offer, Own(), now).IsUsable)
        {
            // It was handed up before this node had what it has now.
            _uplink.GiveUp("This node's own data would be lost for what the master wants from below; it is offered anew.", now);
            return;
        }

        _source = session;
        _taking = (offer, _node.Data.History.Id, _node.Data.Offset);
        var transfer = new RecoveryTransfer(_node, offer, allowsPartial: true, now);
        _node.Events.RecoveryTaking(session.Peer, transfer.Request.Mode, offer);
        session.Take(transfer);
    }

    /// <summary>Whether this node's own replicas may still come and offer more than it has itself.</summary>
    private bool MayHearFromBelow(Moment now)
    {
        NodeSettings settings = _node.Settings;
        if (_node.ListeningSince < 0 || now.Milliseconds - _node.ListeningSince >= settings.RecoveryWindow)
        {
            return false;
        }

        return settings.ExpectedReplicas == 0
            || _node.Sessions.Count(session => session.State == ReplicaSessionState.Streaming || _node.Offers.HasAnswered(session)) < settings.ExpectedReplicas;
    }

    /// <summary>What this node has to give. What was found to differ is not what a master should go on from; what was ordered to be replaced is better than nothing.</summary>
    private RecoveryCandidate? Own() => _node.IsLoading || _keeper.NeedsFullSync || !_node.Data.HasHistory
        ? null
        : RecoveryCandidate.Of(_node.RunId, _node.Data, _keeper.GivesUpData ? RecoverySource.GivenUp : _node.DataSource);

    private RecoveryCandidate OwnOffer(Moment now) => _node.IsLoading || MayHearFromBelow(now)
        ? RecoveryCandidate.Later(_node.RunId)
        : Own() ?? RecoveryCandidate.Nothing(_node.RunId);

    /// <summary>
    /// What to say of an offer from below. This node takes what it passes on, so nothing may be asked for that its own data would be lost for: an earlier state of that is nothing new to the master, also if that data is
    /// given up; and other data is for the master to weigh when it knows what this node has.
    /// </summary>
    private RecoveryCandidate ToHandUp(RecoveryCandidate candidate, RecoveryCandidate? own, Moment now)
    {
        if (own is null || !candidate.IsUsable)
        {
            return candidate;
        }

        if (RecoveryOrder.Contains(own, candidate))
        {
            return RecoveryCandidate.Nothing(candidate.Holder);
        }

        bool waits = MayHearFromBelow(now) && (!own.IsGivenUp || candidate.IsGivenUp) && RecoveryOrder.Compare(own, candidate) != LineRelation.SecondIsAhead;
        return waits ? RecoveryCandidate.Later(candidate.Holder) : candidate;
    }

    private void SayWhatChanged(Moment now)
    {
        if (_awaited is not null)
        {
            // The own data changes with every piece that comes from below; the master learns the end of it from what it is given.
            return;
        }

        Say(OwnOffer(now));
        RecoveryCandidate? own = Own();
        foreach ((_, RecoveryCandidate candidate) in _node.Offers.All)
        {
            Say(ToHandUp(candidate, own, now));
        }
    }

    private void Say(RecoveryCandidate candidate)
    {
        if (candidate.IsGivenUp && !_uplink.KnowsGivenUpOffers)
        {
            // An older master would end the connection at a word that it does not know, or go on from what was given up as if it had not been.
            candidate = RecoveryCandidate.Nothing(candidate.Holder);
        }

        if (_said.TryGetValue(candidate.Holder, out RecoveryCandidate? before) && candidate.SaysTheSameAs(before))
        {
            return;
        }

        _said[candidate.Holder] = candidate;
        _uplink.Say(candidate);
    }

    private void Give(in RecoveryRequestFrame request)
    {
        DataSet data = _node.Data;
        bool isPartial = request.Mode == RecoveryMode.Partial && request.FromOffset >= data.Log.FirstOffset && request.FromOffset <= data.Offset;
        if (isPartial)
        {
            Sender = new SyncSender(data, _node.Settings, request.FromOffset, withSnapshot: false);
        }
        else
        {
            // From the first record of the backlog on: replayed over the snapshot it changes nothing, and it lets the master continue the replicas
            // that are a little behind this one.
            long from = data.Log.FirstRecordOffset;
            Sender = new SyncSender(data, _node.Settings, from, withSnapshot: true);
            _uplink.Start(data.DescribeFullSync(from));
        }

        Sender.EndRecovery();
        _node.Events.RecoveryGiving(_keeper.Target, isPartial ? RecoveryMode.Partial : RecoveryMode.Full, data.History.Id, data.Offset);
    }
}
