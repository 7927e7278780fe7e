using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>Who waits for the offers of this node's replicas: the recovery of a master, or a link that hands them up. Called under the gate.</summary>
internal interface IOfferCollector
{
    /// <summary>An offer came.</summary>
    void OfferCame(RecoveryCandidate candidate, Moment now);

    /// <summary>A transfer over a session has ended, or the session has; no session may be closed in here but that one, if it is open.</summary>
    /// <param name="session">Where it came from.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="now">The present.</param>
    void TransferEnded(MasterSession session, TransferResult result, Moment now);
}
