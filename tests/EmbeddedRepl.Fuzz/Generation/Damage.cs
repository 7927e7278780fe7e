namespace EmbeddedRepl.Fuzz.Generation;

/// <summary>What was done to an input.</summary>
internal enum Damage
{
    /// <summary>Nothing: it must be accepted.</summary>
    None,

    /// <summary>Something, and the checksum was made right again.</summary>
    Sealed,

    /// <summary>Something, and the checksum was left as it was: if it does not fit any more, it must be refused.</summary>
    Anything,
}
