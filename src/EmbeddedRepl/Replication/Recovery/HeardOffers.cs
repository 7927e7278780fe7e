using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>
/// What data a recovering master has been offered since it began, also by those whose connection was lost: as long as it has nothing better, it waits for
/// them. Called under the gate.
/// </summary>
internal sealed class HeardOffers
{
    private readonly Dictionary<RunId, (string Peer, RecoveryCandidate Candidate)> _heard = [];

    /// <summary>Remembers what a holder said last; one that says that it has nothing is forgotten, one that asks for patience is not.</summary>
    /// <param name="peer">How the replica over which it came is called.</param>
    /// <param name="candidate">The offer.</param>
    public void Note(string peer, RecoveryCandidate candidate)
    {
        if (candidate.HoldsData)
        {
            if (_heard.Count < RecoveryOffers.Limit || _heard.ContainsKey(candidate.Holder))
            {
                _heard[candidate.Holder] = (peer, candidate);
            }
        }
        else if (candidate.Source != RecoverySource.Loading)
        {
            _heard.Remove(candidate.Holder);
        }
    }

    /// <summary>Nothing is expected of this holder any more.</summary>
    public void Forget(RunId holder) => _heard.Remove(holder);

    /// <summary>Finds data that is worth waiting for, and whose holder is not there.</summary>
    /// <param name="best">What the master would go on from, without entries, or given up by an order; null if from nothing.</param>
    /// <param name="offers">What is offered at present.</param>
    public (string Peer, RecoveryCandidate Candidate)? FindMissing(RecoveryCandidate? best, RecoveryOffers offers)
    {
        foreach ((string peer, RecoveryCandidate candidate) in _heard.Values)
        {
            if (!offers.TryFind(candidate.Holder, out _, out _) && IsBetter(candidate, best))
            {
                return (peer, candidate);
            }
        }

        return null;
    }

    private static bool IsBetter(RecoveryCandidate candidate, RecoveryCandidate? best)
    {
        if (best is null || (best.IsGivenUp && !candidate.IsGivenUp))
        {
            return true;
        }

        return !best.HoldsData && RecoveryOrder.Compare(best, candidate) is LineRelation.SecondIsAhead or LineRelation.Unrelated;
    }
}
