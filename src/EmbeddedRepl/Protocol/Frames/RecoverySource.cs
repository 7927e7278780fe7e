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
}
