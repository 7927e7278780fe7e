namespace EmbeddedRepl.Replication;

/// <summary>What a node answers to a sync request.</summary>
internal enum SyncAnswer
{
    /// <summary>The stream goes on from the asker's offset.</summary>
    Continue,

    /// <summary>A full sync is offered; the asker confirms before anything is sent.</summary>
    Full,

    /// <summary>This node cannot answer at the moment; the asker must come back and must not take a full sync for it.</summary>
    NotNow,
}

/// <summary>Why a node answers so. Logged with every decision that is not a plain "continue".</summary>
internal enum SyncReason
{
    /// <summary>The offset is in the backlog.</summary>
    InBacklog,

    /// <summary>The asker has no history.</summary>
    AskerHasNoHistory,

    /// <summary>The asker's id is neither the current one nor a known ancestor.</summary>
    UnknownId,

    /// <summary>The asker went on past the offset at which its id ended.</summary>
    BeyondAncestorEnd,

    /// <summary>The asker's offset is older than the backlog.</summary>
    OlderThanBacklog,

    /// <summary>The asker is ahead of this node.</summary>
    BeyondEnd,
}

/// <summary>An answer with its reason.</summary>
internal readonly record struct SyncVerdict(SyncAnswer Answer, SyncReason Reason)
{
    /// <summary>Whether a partial resync was asked for and could not be granted (Redis counts <c>sync_partial_err</c> so).</summary>
    public bool IsPartialRefused => Answer == SyncAnswer.Full && Reason != SyncReason.AskerHasNoHistory;
}
