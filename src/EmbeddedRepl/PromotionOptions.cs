namespace EmbeddedRepl;

/// <summary>On what conditions a replica becomes a master. Immutable.</summary>
public sealed record PromotionOptions
{
    /// <summary>Whether a node is promoted, too, that never completed a sync or a load: it becomes an empty master.</summary>
    /// <value>Default false.</value>
    public bool Force { get; init; }

    /// <summary>
    /// The replication offset, in bytes, at which the node must be. The check and the promotion are one step: nothing is applied in between.
    /// </summary>
    /// <value>Default null: wherever it is. Not negative.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long? OnlyAtOffset
    {
        get;
        init
        {
            if (value is < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "A replication offset is not negative.");
            }

            field = value;
        }
    }

    /// <summary>The replication id that the node must follow; together with <see cref="OnlyAtOffset"/> it names one state of the data.</summary>
    /// <value>Default null: any. Offsets of different histories have nothing to do with each other, so it should be set with <see cref="OnlyAtOffset"/>.</value>
    public ReplicationId? OnlyOfId { get; init; }
}
