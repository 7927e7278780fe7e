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
    /// <param name="most">What the master would go on from otherwise; null if that is nothing, or not known to be right.</param>
    /// <param name="now">The present.</param>
    /// <param name="until">How long, on the node's clock.</param>
    private HeardOffer? FindAwaited(RecoveryCandidate? most, Moment now, out long until)
    {
        foreach (HeardOffer missing in _heard.FindMissing(_node.Offers))
        {
            until = AwaitUntil(missing, most);
            if (now.Milliseconds < until)
            {
                return missing;
            }
        }

        until = 0;
        return null;
    }

    /// <summary>
    /// Until when one who is gone is waited for: to the limit if the master would begin with nothing; if it would go on from what an order gave up, as long as there is time left to take that; if it would go on from less of the
    /// same data, for a window, within which whoever only lost his connection is back. Other data than the master's is not waited for, since it could not be taken.
    /// </summary>
    /// <returns>Milliseconds of the node's clock; 0 if not at all.</returns>
    private long AwaitUntil(HeardOffer missing, RecoveryCandidate? most)
    {
        NodeSettings settings = _node.Settings;
        RecoveryCandidate offer = missing.Candidate;
        long half = _startedAt + (settings.EffectiveRecoveryLimit / 2);
        long window = Math.Min(missing.LeftAt + settings.RecoveryWindow, half);
        bool hasNothing = !_node.Data.HoldsData && most is not { HoldsData: true };
        if (most is null || (most.IsGivenUp && !offer.IsGivenUp))
        {
            return hasNothing ? _startedAt + settings.EffectiveRecoveryLimit : most is null ? window : half;
        }

        return RecoveryOrder.Compare(most, offer) switch
        {
            LineRelation.SecondIsAhead or LineRelation.Unrelated when hasNothing => _startedAt + settings.EffectiveRecoveryLimit,
            LineRelation.SecondIsAhead when !offer.IsGivenUp => window,
            _ => 0,
        };
    }

    private void Await(HeardOffer missing, long atTheLongest)
    {
        RecoveryCandidate candidate = missing.Candidate;
        if (_awaited?.Holder == candidate.Holder)
        {
            return;
        }

        _awaited = candidate;
        Message = string.Create(
            CultureInfo.InvariantCulture,
            $"This master was started and waits for {missing.Peer}, which offered {Name(candidate)} and is gone, for {atTheLongest / 1000.0:0.#} s at the longest; then it goes on without. "
            + $"OverrideFullSyncRefusals goes on with what this node has now.");
        _node.Events.RecoveryAwaiting(missing.Peer, candidate, atTheLongest);
    }
}
