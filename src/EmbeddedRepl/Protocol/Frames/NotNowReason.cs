namespace EmbeddedRepl.Protocol;

/// <summary>Why a master cannot decide about a sync at the moment. A later version may know more codes; a reader passes unknown ones on as numbers.</summary>
internal enum NotNowReason
{
    /// <summary>The node is starting.</summary>
    Starting = 1,

    /// <summary>The node is loading its data.</summary>
    Loading = 2,

    /// <summary>The node is a replica whose own link is down.</summary>
    OwnLinkDown = 3,

    /// <summary>The node is a restarted master that collects what its replicas hold; see <see cref="RecoveryOfferFrame"/>.</summary>
    Recovering = 4,

    /// <summary>The node is a replica that has not yet applied what the asker already has.</summary>
    Lagging = 5,

    /// <summary>As many replicas are attached as are allowed.</summary>
    TooManyReplicas = 6,

    /// <summary>The node is stopping.</summary>
    Stopping = 7,
}
