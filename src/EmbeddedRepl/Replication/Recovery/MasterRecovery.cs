using System.Diagnostics.CodeAnalysis;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>
/// A master that was started and takes what it lacks from its replicas before it accepts writes: waits for their offers, takes the most advanced
/// one, begins a new history with what it has then. The states, times and failures are in DESIGN.md beside this file. Called under the gate.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The session over which a transfer runs disposes of it when it ends.")]
internal sealed partial class MasterRecovery : IOfferCollector
{
    private const string Asking = "This master was started and asks its replicas for what it lacks.";

    private readonly NodeCore _node;
    private readonly HashSet<RunId> _distrusted = [];
    private long _startedAt = -1;
    private long _windowFrom;
    private readonly HeardOffers _heard = new();
    private MasterSession? _source;
    private RecoveryTransfer? _transfer;
    private (RunId Holder, long Until)? _awaited;
    private bool _ownDiffers;

    /// <summary>What this master has was taken from data that an order had given up, so that it still gives way to any other.</summary>
    private bool _ownIsGivenUp;

    public MasterRecovery(NodeCore node)
    {
        _node = node;
        Message = Asking;
    }

    public RecoveryState State { get; private set; } = RecoveryState.Collecting;

    /// <summary>What is going on, for an operator.</summary>
    public string Message { get; private set; }

    /// <summary>The listener accepts: the window begins.</summary>
    public void Begin(Moment now)
    {
        if (_startedAt < 0)
        {
            _startedAt = _windowFrom = now.Milliseconds;
            _node.Events.RecoveryStarted(_node.Settings.RecoveryWindow, _node.Settings.EffectiveRecoveryLimit);
        }
    }

    public void OfferCame(RecoveryCandidate candidate, Moment now)
    {
        _node.Offers.TryFind(candidate.Holder, out MasterSession session, out _);
        _heard.Note(session.Peer, candidate);
        if (candidate.Holder == _awaited?.Holder)
        {
            EndAwaiting();
        }

        DecideInTime(now);
    }

    /// <summary>A replica's connection is over, and what these have offered over it is not to be had for the moment. Nothing is decided here.</summary>
    public void HoldersLeft(IEnumerable<RunId> holders, Moment now)
    {
        foreach (RunId holder in holders)
        {
            _heard.Left(holder, now);
        }
    }

    public void Tick(Moment now)
    {
        if (State == RecoveryState.Collecting)
        {
            if (_awaited is { } awaited && now.Milliseconds >= awaited.Until)
            {
                EndAwaiting();
            }

            DecideInTime(now);
        }
        else if (State == RecoveryState.Taking)
        {
            CheckTransfer(now);
        }
    }

    public void TransferEnded(MasterSession session, TransferResult result, Moment now)
    {
        if (session != _source)
        {
            return;
        }

        RecoveryCandidate offer = _transfer!.Offer;
        if (_transfer.HasChangedOwnData)
        {
            _ownIsGivenUp = offer.IsGivenUp;
        }

        _source = null;
        _transfer = null;
        State = RecoveryState.Collecting;
        Message = Asking;
        switch (result)
        {
            case TransferResult.Taken:
                _ownDiffers = false;
                _node.Counters.RecoveriesTaken++;
                _node.Events.RecoveryTaken(session.Peer, _node.Data.History.Id, _node.Data.Offset, _node.Data.Store.Count);
                break;
            case TransferResult.OwnDiffers:
                // What was there before the transfer was not what the replica had at the same place. All of it may still be had.
                _ownDiffers = true;
                _node.Counters.DigestMismatches++;
                _node.Events.RecoveryFailed(session.Peer, "What this node had is not what the replica had at the same offset; everything is taken anew.");
                break;
            case TransferResult.Differs:
                _distrusted.Add(offer.Holder);
                _heard.Forget(offer.Holder);
                _node.Counters.DigestMismatches++;
                _node.Events.RecoveryFailed(session.Peer, "What came is not what the replica said it had; it is not asked again.");
                session.Close(CloseReason.DigestMismatch, "What came in a recovery is not what was offered.", now, ErrorCode.DigestMismatch);
                break;
            default:
                // The best one may only have lost its connection: it gets another window to come back before a lesser one is taken.
                _windowFrom = now.Milliseconds;
                _node.Events.RecoveryFailed(session.Peer, "The connection ended before everything was here.");
                return;
        }

        DecideInTime(now);
    }

    /// <summary>An operator has decided that what this node has is what counts.</summary>
    public void AcceptOwnData(Moment now)
    {
        _source?.Close(CloseReason.RecoveryEnded, "An operator decided that this master's own data is the right one.", now, ErrorCode.HistoryReplaced);
        Finish(now);
    }

    private void DecideInTime(Moment now)
    {
        if (State == RecoveryState.Collecting && _startedAt >= 0 && IsTimeToDecide(now))
        {
            Decide(now);
        }
    }

    private void Decide(Moment now)
    {
        List<RecoveryCandidate> candidates = FindCandidates();
        RecoveryChoice choice = RecoveryOrder.Choose(candidates);
        if (FindAwaited(choice, now, out long until) is { } missing)
        {
            Await(missing, until, now);
        }
        else if (choice.Conflict is { } conflict)
        {
            Stall(Describe(RecoveryOrder.Furthest(conflict, candidates)));
        }
        else if (choice.Best is { } best && best.Holder != _node.RunId && now.Milliseconds - _startedAt < _node.Settings.EffectiveRecoveryLimit)
        {
            Take(best, now);
        }
        else if (_ownDiffers)
        {
            Stall(
                "This node's data is not what a replica of the same history has, and no replica is left to take it from. Writes are refused until you decide: "
                + "OverrideFullSyncRefusals goes on with what this node has; restarting this node asks the replicas again.");
        }
        else
        {
            Finish(now);
        }
    }

    /// <summary>What could be gone on from.</summary>
    /// <param name="missing">An offer that counts as if its holder were there; null for none.</param>
    private List<RecoveryCandidate> FindCandidates(RecoveryCandidate? missing = null)
    {
        DataSet data = _node.Data;
        List<RecoveryCandidate> candidates = [];
        if (data.HasHistory && !_ownDiffers)
        {
            candidates.Add(RecoveryCandidate.Of(_node.RunId, data, _ownIsGivenUp ? RecoverySource.GivenUp : RecoverySource.Memory));
        }

        IEnumerable<RecoveryCandidate> offered = _node.Offers.All.Select(static offer => offer.Candidate);
        candidates.AddRange((missing is null ? offered : offered.Append(missing)).Where(candidate => candidate.IsUsable && !_distrusted.Contains(candidate.Holder)));

        return RecoveryOrder.WithoutGivenUp(candidates, isOtherData: data.HoldsData && !_ownIsGivenUp);
    }

    private void Take(RecoveryCandidate best, Moment now)
    {
        _awaited = null;
        _node.Offers.TryFind(best.Holder, out MasterSession session, out _);
        var transfer = new RecoveryTransfer(_node, best, allowsPartial: !_ownDiffers, now);
        State = RecoveryState.Taking;
        Message = $"This master was started and takes what it lacks from {session.Peer}.";
        _source = session;
        _transfer = transfer;
        _node.Events.RecoveryTaking(session.Peer, transfer.Request.Mode, best);
        session.Take(transfer);
    }

    private void CheckTransfer(Moment now)
    {
        if (now.Milliseconds - _startedAt >= _node.Settings.EffectiveRecoveryLimit)
        {
            _source!.Close(CloseReason.NoProgress, "The recovery was not finished within RecoveryLimit.", now, ErrorCode.HistoryReplaced);
            Decide(now);
        }
        else if (_source!.Transfer is { } transfer && now.Milliseconds - transfer.LastProgressAt >= _node.Settings.LinkTimeout)
        {
            _source.Close(CloseReason.NoProgress, "The recovery made no progress for LinkTimeout.", now, ErrorCode.Internal);
        }
    }

    private void Stall(string message)
    {
        State = RecoveryState.Undecided;
        Message = message;
        _node.Events.RecoveryUndecided(message);
        _node.WritesAwaited.Set();
    }

    private void Finish(Moment now)
    {
        DataSet data = _node.Data;
        ReplicationId id = _node.NewReplicationId();
        _node.TakeHistory(data.HasHistory ? data.History.Continue(id, data.Offset, AncestorEnd.Restart) : ReplicationHistory.Begin(id));
        _node.EndRecovery(now);
        _node.Events.RecoveryEnded(data.History.Id, data.Offset, data.Store.Count, _startedAt < 0 ? 0 : now.Milliseconds - _startedAt);
    }

    /// <summary>What an operator has to choose between. This node's own data is named too, because an override goes on with that, even if a replica has more of the same line.</summary>
    private string Describe((RecoveryCandidate First, RecoveryCandidate Second) choice)
    {
        DataSet data = _node.Data;
        string own = data.HasHistory ? Name(RecoveryCandidate.Of(_node.RunId, data)) : "nothing";
        return $"The data to recover from is on different lines: {NameWithHolder(choice.First)}, and {NameWithHolder(choice.Second)}. This node has {own}. None is taken, and writes are refused until "
            + "you decide: OverrideFullSyncRefusals goes on with what this node has, and gives up what replicas have beyond that; ReplicateFromAsync and then PromoteAsync take the data of one replica.";
    }

    private string NameWithHolder(RecoveryCandidate candidate) =>
        Name(candidate) + (_node.Offers.TryFind(candidate.Holder, out MasterSession session, out _) ? $", offered by {session.Peer}" : ", here");

    private static string Name(RecoveryCandidate candidate) => $"{candidate.History.Id} at offset {candidate.Offset} with {candidate.EntryCount} entries";
}
