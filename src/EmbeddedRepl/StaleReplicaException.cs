namespace EmbeddedRepl;

/// <summary>
/// A read was refused, because this replica is staler than <see cref="ReplicatedCacheOptions.MaxStaleness"/> allows and
/// <see cref="ReplicatedCacheOptions.StaleReads"/> is <see cref="StaleReadBehavior.Throw"/>.
/// </summary>
public sealed class StaleReplicaException : ReplicatedCacheException
{
    /// <summary>Creates the exception with the usual message.</summary>
    public StaleReplicaException()
        : base("This replica is staler than MaxStaleness allows.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public StaleReplicaException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public StaleReplicaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal StaleReplicaException(TimeSpan? staleness, TimeSpan maxStaleness)
        : base(staleness is { } known
            ? $"This replica is {known} stale, and MaxStaleness allows {maxStaleness}."
            : $"This replica is not known ever to have been current with its master, and MaxStaleness allows {maxStaleness}.")
    {
        Staleness = staleness;
        MaxStaleness = maxStaleness;
    }

    /// <summary>How stale the replica was; null if it is not known ever to have been current with its master.</summary>
    public TimeSpan? Staleness { get; }

    /// <summary>What <see cref="ReplicatedCacheOptions.MaxStaleness"/> allowed.</summary>
    public TimeSpan MaxStaleness { get; }
}
