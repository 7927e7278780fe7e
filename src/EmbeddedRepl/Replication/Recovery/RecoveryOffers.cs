using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>
/// What the replicas of this node have offered, by the process that holds it. A replica's own offer is always remembered, as there are no more of them than
/// <c>MaxReplicas</c>; without it the replica would be waited for. Called under the gate.
/// </summary>
internal sealed class RecoveryOffers
{
    /// <summary>So many are remembered of those that replicas hand up; what comes beyond them is passed over.</summary>
    public const int Limit = 10_000;

    private readonly Dictionary<RunId, (MasterSession Session, RecoveryCandidate Candidate)> _offers = [];
    private int _handedUp;

    public IReadOnlyCollection<(MasterSession Session, RecoveryCandidate Candidate)> All => _offers.Values;

    /// <summary>Remembers an offer in the place of the holder's earlier one.</summary>
    /// <returns>False if there are too many.</returns>
    public bool Put(MasterSession session, RecoveryCandidate candidate)
    {
        Forget(candidate.Holder);
        if (session.RunId != candidate.Holder)
        {
            if (_handedUp >= Limit)
            {
                return false;
            }

            _handedUp++;
        }

        _offers.Add(candidate.Holder, (session, candidate));
        return true;
    }

    /// <summary>Forgets what came over a session.</summary>
    /// <returns>Whose offers that were.</returns>
    public IReadOnlyList<RunId> Remove(MasterSession session)
    {
        RunId[] holders = [.. _offers.Where(offer => offer.Value.Session == session).Select(static offer => offer.Key)];
        foreach (RunId holder in holders)
        {
            Forget(holder);
        }

        return holders;
    }

    /// <summary>The session over which a process offered its data.</summary>
    public bool TryFind(RunId holder, out MasterSession session, out RecoveryCandidate candidate)
    {
        bool isFound = _offers.TryGetValue(holder, out (MasterSession Session, RecoveryCandidate Candidate) offer);
        (session, candidate) = offer;
        return isFound;
    }

    /// <summary>Whether the replica at the other end of a session has said what it has, and needs no more time.</summary>
    public bool HasAnswered(MasterSession session) =>
        session.RunId is { } holder && TryFind(holder, out MasterSession source, out RecoveryCandidate candidate)
        && source == session && candidate.Source != RecoverySource.Loading;

    private void Forget(RunId holder)
    {
        if (_offers.Remove(holder, out (MasterSession Session, RecoveryCandidate Candidate) offer) && offer.Session.RunId != holder)
        {
            _handedUp--;
        }
    }
}
