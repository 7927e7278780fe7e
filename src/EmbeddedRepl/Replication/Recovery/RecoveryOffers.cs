using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>What the replicas of this node have offered, by the session it came over. Called under the gate.</summary>
internal sealed class RecoveryOffers
{
    /// <summary>So many are remembered; what comes beyond them is passed over.</summary>
    public const int Limit = 256;

    private readonly List<(MasterSession Session, RecoveryCandidate Candidate)> _offers = [];

    public IReadOnlyList<(MasterSession Session, RecoveryCandidate Candidate)> All => _offers;

    /// <summary>Remembers an offer in the place of the holder's earlier one.</summary>
    /// <returns>False if there are too many.</returns>
    public bool Put(MasterSession session, RecoveryCandidate candidate)
    {
        _offers.RemoveAll(offer => offer.Candidate.Holder == candidate.Holder);
        if (_offers.Count >= Limit)
        {
            return false;
        }

        _offers.Add((session, candidate));
        return true;
    }

    /// <summary>Forgets what came over a session.</summary>
    public void Remove(MasterSession session) => _offers.RemoveAll(offer => offer.Session == session);

    /// <summary>The session over which a process offered its data.</summary>
    public bool TryFind(RunId holder, out MasterSession session, out RecoveryCandidate candidate)
    {
        int index = _offers.FindIndex(offer => offer.Candidate.Holder == holder);
        (session, candidate) = index < 0 ? (null!, null!) : _offers[index];
        return index >= 0;
    }

    /// <summary>Whether the replica at the other end of a session has said what it has, and needs no more time.</summary>
    public bool HasAnswered(MasterSession session) =>
        _offers.Exists(offer => offer.Session == session && offer.Candidate.Holder == session.RunId && offer.Candidate.Source != RecoverySource.Loading);
}
