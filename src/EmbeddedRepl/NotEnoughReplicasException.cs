using System.Globalization;

namespace EmbeddedRepl;

/// <summary>
/// A write was refused because fewer replicas follow this master closely than <see cref="ReplicatedCacheOptions.MinReplicasToWrite"/> demands. Nothing was
/// changed. Reads go on, and writes are accepted again as soon as enough replicas acknowledge.
/// </summary>
public sealed class NotEnoughReplicasException : ReplicatedCacheException
{
    /// <summary>Creates the exception without numbers.</summary>
    public NotEnoughReplicasException()
        : base("Too few replicas follow this master closely, so it accepts no writes. Nothing was changed.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public NotEnoughReplicasException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public NotEnoughReplicasException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal NotEnoughReplicasException(int required, int available, TimeSpan maxLag)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"The write was refused: MinReplicasToWrite demands {required} replicas that acknowledged within the last {maxLag} (MinReplicasMaxLag), and {available} did. Nothing was changed. Writes are accepted again as soon as enough replicas acknowledge."))
    {
        Required = required;
        Available = available;
    }

    /// <summary>How many replicas must follow closely.</summary>
    public int Required { get; }

    /// <summary>How many did when the write was refused.</summary>
    public int Available { get; }
}
