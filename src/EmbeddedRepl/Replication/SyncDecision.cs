namespace EmbeddedRepl.Replication;

/// <summary>
/// Partial or full: the decision of a node that is asked to sync, as a function of what both sides have. The order of the
/// questions is that of DESIGN.md, "Partial or full".
/// </summary>
internal static class SyncDecision
{
    /// <param name="history">The history of the node that is asked.</param>
    /// <param name="backlogFirst">Its first offset in the backlog.</param>
    /// <param name="backlogEnd">Its current offset.</param>
    /// <param name="isReplica">Whether it is itself a replica and may merely lag.</param>
    /// <param name="askedId">The asker's id.</param>
    /// <param name="askedOffset">The next byte the asker wants.</param>
    public static SyncVerdict Decide(
        ReplicationHistory history,
        long backlogFirst,
        long backlogEnd,
        bool isReplica,
        ReplicationId askedId,
        long askedOffset)
    {
        if (askedId.IsNone)
        {
            return new SyncVerdict(SyncAnswer.Full, SyncReason.AskerHasNoHistory);
        }

        if (!history.Contains(askedId, askedOffset))
        {
            SyncReason reason = history.TryFindAncestor(askedId, out _) ? SyncReason.BeyondAncestorEnd : SyncReason.UnknownId;
            return new SyncVerdict(SyncAnswer.Full, reason);
        }

        // Both ends are inclusive: an asker that is exactly current is told to continue with 0 bytes.
        if (askedOffset >= backlogFirst && askedOffset <= backlogEnd)
        {
            return new SyncVerdict(SyncAnswer.Continue, SyncReason.InBacklog);
        }

        if (askedOffset > backlogEnd)
        {
            // A replica that is asked merely lags, and its asker must not go backwards. A master that is asked has lost
            // the end of its own history: it offers what it has, and the asker refuses to be rolled back.
            return new SyncVerdict(isReplica ? SyncAnswer.NotNow : SyncAnswer.Full, SyncReason.BeyondEnd);
        }

        return new SyncVerdict(SyncAnswer.Full, SyncReason.OlderThanBacklog);
    }
}
