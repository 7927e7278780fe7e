namespace EmbeddedRepl.Protocol;

/// <summary>Where a replica has what it offers to a restarted master.</summary>
internal enum RecoverySource : byte
{
    /// <summary>In memory, serving reads: it was never restarted.</summary>
    Memory = 1,

    /// <summary>Loaded from its snapshot file.</summary>
    File = 2,

    /// <summary>It is still loading its snapshot file; another offer follows, and the master's window stays open for it.</summary>
    Loading = 3,

    /// <summary>
    /// In memory or loaded from its file, and given up by an order to follow the master, which is not fulfilled yet: to be gone on from only if there is
    /// nothing else. Sent only where both ends share <see cref="Capabilities.GivenUpOffers"/>.
    /// </summary>
    GivenUp = 4,
}
