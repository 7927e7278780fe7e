namespace EmbeddedRepl.Diagnostics;

/// <summary>How a write ended that a replica sent to its master.</summary>
internal enum ForwardedWriteOutcome
{
    /// <summary>The master has it, and so has this node.</summary>
    Applied,

    /// <summary>The master refused it; nothing was changed.</summary>
    Refused,

    /// <summary>It was not sent, because the link was down.</summary>
    Unsent,

    /// <summary>It was sent, and nobody here knows whether it was applied.</summary>
    Unknown,

    /// <summary>The master compared, and the entry had another version; nothing was changed. No error: who compares expects it.</summary>
    Conflict,
}
