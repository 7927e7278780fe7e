using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>The link of a replica, as <see cref="RecoveryOffering"/> needs it. Called under the gate.</summary>
internal interface IRecoveryUplink
{
    /// <summary>Whether the master knows what is meant by an offer of data that an order has given up.</summary>
    bool KnowsGivenUpOffers { get; }

    /// <summary>Sends an offer.</summary>
    void Say(RecoveryCandidate candidate);

    /// <summary>Sends the beginning of a full sync.</summary>
    void Start(in FullSyncStartFrame frame);

    /// <summary>Ends the connection, so that the master learns that an offer does not stand any more.</summary>
    void GiveUp(string reason, Moment now);
}
