using System.Globalization;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Recovery;

/// <content>How long it waits: for those who have not answered, and for those who have and are gone.</content>
internal sealed partial class MasterRecovery
{
    private bool IsTimeToDecide(Moment now)
    {
        NodeSettings settings = _node.Settings;
        int answered = 0;
        bool someoneNeedsTime = false;
        var seen = new HashSet<RunId>();
        foreach (MasterSession session in _node.Sessions)
        {
            if (session.State != ReplicaSessionState.Recovering)
            {
                continue;
            }

            bool hasAnswered = _node.Offers.HasAnswered(session);
            answered += hasAnswered && seen.Add(session.RunId!.Value) ? 1 : 0;
            someoneNeedsTime |= !hasAnswered;
        }

        someoneNeedsTime |= _node.Offers.All.Any(static offer => offer.Candidate.Source == RecoverySource.Loading);

        // When something is to be taken, the last half of the time is kept for taking it. But somebody whose connection broke has its window to come back.
        long limit = settings.EffectiveRecoveryLimit;
        long elapsed = now.Milliseconds - _startedAt;
        bool windowIsOver = now.Milliseconds - _windowFrom >= settings.RecoveryWindow;
        if (elapsed >= limit || (elapsed >= limit / 2 && windowIsOver && IsSomethingToBeTaken()))
        {
            return true;
        }

        if (someoneNeedsTime)
        {
            return false;
        }

        int expected = settings.ExpectedReplicas;
        return (expected > 0 && answered >= expected)
            || (windowIsOver && (expected == 0 || answered > 0));
    }

    /// <summary>Whether others have what this master lacks. What is behind its own data, or was given up, is no reason to be in a hurry.</summary>
    private bool IsSomethingToBeTaken()
    {
        RecoveryChoice choice = RecoveryOrder.Choose(FindCandidates());
        return choice.Conflict is not null || (choice.Best is { } best && best.Holder != _node.RunId);
    }

    /// <summary>Who offered something, is gone, and is to come back first.</summary>
    /// <param name="choice">What the master would go on from otherwise.</param>
    /// <param name="now">The present.</param>
    /// <param name="until">How long, on the node's clock.</param>
    private HeardOffer? FindAwaited(in RecoveryChoice choice, Moment now, out long until)
    {
        foreach (HeardOffer missing in _heard.FindMissing(_node.Offers))
        {
            until = AwaitUntil(missing, choice, now);
            if (now.Milliseconds < until)
            {
                return missing;
            }
        }

        until = 0;
        return null;
    }

    /// <summary>
    /// Until when one who is gone is waited for: to the limit if the master would begin with nothing. Otherwise, if it would decide something else with that offer: as long as there is time left to take it if it would go on
    /// from what an order gave up, and for a window if it would go on from less or from other data; whoever only lost its connection is back by then.
    /// </summary>
    /// <returns>Milliseconds of the node's clock; 0 if not at all.</returns>
    private long AwaitUntil(HeardOffer missing, in RecoveryChoice choice, Moment now)
    {
        NodeSettings settings = _node.Settings;
        RecoveryCandidate offer = missing.Candidate;
        RecoveryCandidate? most = choice.Best ?? choice.Conflict?.First;
        if (!_node.Data.HoldsData && choice.Conflict is null && most is not { HoldsData: true })
        {
            bool isMore = most is null || (most.IsGivenUp && !offer.IsGivenUp) || RecoveryOrder.Compare(most, offer) is LineRelation.SecondIsAhead or LineRelation.Unrelated;
            return isMore ? _startedAt + settings.EffectiveRecoveryLimit : 0;
        }

        long half = _startedAt + (settings.EffectiveRecoveryLimit / 2);
        long until = most is { IsGivenUp: true } && !offer.IsGivenUp ? half : Math.Min(missing.LeftAt + settings.RecoveryWindow, half);
        return now.Milliseconds < until && WouldChange(choice, offer) ? until : 0;
    }

    /// <summary>Whether the master would decide something else if that offer were there.</summary>
    private bool WouldChange(in RecoveryChoice choice, RecoveryCandidate offer)
    {
        if (choice.Best is { IsGivenUp: false } best && RecoveryOrder.Compare(best, offer) is LineRelation.Same or LineRelation.FirstIsAhead)
        {
            // The usual case, told apart early: there may be thousands that are gone.
            return false;
        }

        RecoveryChoice withIt = RecoveryOrder.Choose(FindCandidates(offer));
        return withIt.Best?.Holder != choice.Best?.Holder || (withIt.Conflict is null) != (choice.Conflict is null);
    }

    private void Await(HeardOffer missing, long until, Moment now)
    {
        RecoveryCandidate candidate = missing.Candidate;
        bool isKnown = _awaited?.Holder == candidate.Holder;
        _awaited = (candidate.Holder, until);
        if (isKnown)
        {
            return;
        }

        long atTheLongest = until - now.Milliseconds;
        Message = string.Create(
            CultureInfo.InvariantCulture,
            $"This master was started and waits for {missing.Peer}, which offered {Name(candidate)} and is gone, for {atTheLongest / 1000.0:0.#} s at the longest; then it goes on without. "
            + $"OverrideFullSyncRefusals goes on with what this node has now.");
        _node.Events.RecoveryAwaiting(missing.Peer, candidate, atTheLongest);
    }

    /// <summary>That wait is over, one way or the other; what else there may be to wait for, the message says again.</summary>
    private void EndAwaiting()
    {
        _awaited = null;
        Message = Asking;
    }
}
