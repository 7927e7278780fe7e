namespace EmbeddedRepl;

/// <summary>What a read gets on a replica that is staler than <see cref="ReplicatedCacheOptions.MaxStaleness"/> allows.</summary>
public enum StaleReadBehavior
{
    /// <summary>What the replica has. Health is degraded.</summary>
    Serve = 0,

    /// <summary>A miss, whether the replica has an entry or not, so that the caller goes to where the data comes from.</summary>
    Miss = 1,

    /// <summary>A <see cref="StaleReplicaException"/>.</summary>
    Throw = 2,
}
