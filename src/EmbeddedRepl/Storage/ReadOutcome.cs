namespace EmbeddedRepl.Storage;

/// <summary>How a read ended.</summary>
internal enum ReadOutcome
{
    /// <summary>There is no such entry, or it has expired.</summary>
    Miss,

    /// <summary>The entry was found, and everything asked for was handed over.</summary>
    Hit,

    /// <summary>The entry was found, and its value does not fit into the destination, whose content is undefined now.</summary>
    DestinationTooSmall,

    /// <summary>This store has been replaced: the caller reads the current one.</summary>
    Retired,
}
