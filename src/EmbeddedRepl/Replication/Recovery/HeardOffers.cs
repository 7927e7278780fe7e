using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>
/// What data a recovering master has been offered since it began, also by those whose connection was lost, so that it can wait for them. Called under the gate.
/// </summary>
internal sealed class HeardOffers
{
    private readonly Dictionary<RunId, HeardOffer> _heard = [];

    /// <summary>Remembers what a holder said last; one that says that it has nothing is forgotten, one that asks for patience is not.</summary>
    /// <param name="peer">How the replica over which it came is called.</param>
    /// <param name="candidate">The offer.</param>
    public void Note(string peer, RecoveryCandidate candidate)
    {
        if (candidate.HoldsData)
        {
            if (_heard.Count < RecoveryOffers.Limit || _heard.ContainsKey(candidate.Holder))
            {
                _heard[candidate.Holder] = new HeardOffer(peer, candidate, LeftAt: 0);
            }
        }
        else if (candidate.Source != RecoverySource.Loading)
        {
            _heard.Remove(candidate.Holder);
        }
    }

    /// <summary>The connection of a holder, or of the replica that handed its offer up, is over.</summary>
    public void Left(RunId holder, Moment now)
    {
        if (_heard.TryGetValue(holder, out HeardOffer? offer))
        {
            _heard[holder] = offer with { LeftAt = now.Milliseconds };
        }
    }

    /// <summary>Nothing is expected of this holder any more.</summary>
    public void Forget(RunId holder) => _heard.Remove(holder);

    /// <summary>What those have offered who are not there.</summary>
    /// <param name="offers">What is offered at present.</param>
    public IEnumerable<HeardOffer> FindMissing(RecoveryOffers offers) =>
        _heard.Values.Where(offer => !offers.TryFind(offer.Candidate.Holder, out _, out _));
}
