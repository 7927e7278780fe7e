namespace EmbeddedRepl.Replication.Replica;

/// <summary>Why a replica lets a full sync replace its data, or does not.</summary>
internal enum ConfirmationReason
{
    /// <summary>(a) The replica holds no data.</summary>
    HoldsNoData,

    /// <summary>(b) The offered history contains the replica's position and merely lacks the bytes.</summary>
    OfferedHistoryIsNewer,

    /// <summary>(b) Same origin, and so much newer that the replica's id is no longer listed.</summary>
    OfferedHistoryIsMuchNewer,

    /// <summary>(c) A promotion ended the replica's id at or before its offset: it is the old master with extra writes.</summary>
    EndedByPromotion,

    /// <summary>(d) Somebody ordered the replica to follow this master.</summary>
    Ordered,

    /// <summary>(e) The master carries an operator's override.</summary>
    Overridden,

    /// <summary>Refused: the replica is ahead of the master on the master's own line.</summary>
    ReplicaIsAhead,

    /// <summary>Refused: the master came back with another history, typically without its data.</summary>
    UnrelatedHistory,
}

/// <summary>
/// The replica's own decision before a full sync may replace data that it holds: an empty, restarted master must never
/// wipe its replicas (DESIGN.md, "Partial or full", (a) to (e)).
/// </summary>
internal static class FullSyncConfirmation
{
    public static bool IsAccepted(ConfirmationReason reason) =>
        reason is not (ConfirmationReason.ReplicaIsAhead or ConfirmationReason.UnrelatedHistory);

    /// <summary>What an operator is told about a refusal, and what to do.</summary>
    public static string Explain(ConfirmationReason reason) => reason == ConfirmationReason.ReplicaIsAhead
        ? "This replica is ahead of the master on the same history; a full sync would undo changes that it has."
        : "The master has another history than this replica, typically because it came back without its data. Its data would replace what this replica holds.";

    public static ConfirmationReason Decide(
        ReplicationHistory own,
        long ownOffset,
        bool holdsData,
        bool ordered,
        ReplicationHistory offered,
        long offeredOffset,
        bool overridden)
    {
        if (!holdsData)
        {
            return ConfirmationReason.HoldsNoData;
        }

        if (overridden)
        {
            return ConfirmationReason.Overridden;
        }

        if (ordered)
        {
            return ConfirmationReason.Ordered;
        }

        if (!offered.Contains(own.Id, ownOffset))
        {
            // What counts is what this replica holds, not under which id it was told that it would go on.
            own = own.WithoutUnusedIds(ownOffset);
        }

        if (offered.Contains(own.Id, ownOffset))
        {
            return ownOffset <= offeredOffset ? ConfirmationReason.OfferedHistoryIsNewer : ConfirmationReason.ReplicaIsAhead;
        }

        if (offered.TryFindAncestor(own.Id, out Protocol.Ancestor ancestor))
        {
            return ancestor.EndedBy == Protocol.AncestorEnd.Promotion
                ? ConfirmationReason.EndedByPromotion
                : ConfirmationReason.ReplicaIsAhead;
        }

        if (own.TryFindAncestor(offered.Id, out _))
        {
            return ConfirmationReason.ReplicaIsAhead;
        }

        bool idsFellOffTheList = offered.OriginId == own.OriginId
            && offered.Ancestors.Length == ReplicationHistory.MaxAncestors
            && offeredOffset >= ownOffset
            && !BranchesOffFrom(own, offered);
        return idsFellOffTheList ? ConfirmationReason.OfferedHistoryIsMuchNewer : ConfirmationReason.UnrelatedHistory;
    }

    /// <summary>An ancestor of the own id is still listed, so the own id would be, too, if it had ever been on the offered line.</summary>
    private static bool BranchesOffFrom(ReplicationHistory own, ReplicationHistory offered)
    {
        foreach (Protocol.Ancestor ancestor in own.Ancestors)
        {
            if (offered.TryFindAncestor(ancestor.Id, out _))
            {
                return true;
            }
        }

        return false;
    }
}
