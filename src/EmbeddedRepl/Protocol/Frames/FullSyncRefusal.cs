namespace EmbeddedRepl.Protocol;

/// <summary>Why a replica keeps its data. A later version may know more codes; a reader passes unknown ones on as numbers.</summary>
internal enum FullSyncRefusal
{
    /// <summary>The offered history is not the replica's: the master probably came back without its data.</summary>
    UnrelatedHistory = 1,

    /// <summary>The replica is ahead of the master on the same history and will not roll back.</summary>
    AheadOfMaster = 2,

    /// <summary>The replica cannot hold the data set.</summary>
    MemoryLimit = 3,

    /// <summary>The replica needs a moment: it is stopping, being promoted, or pointed elsewhere.</summary>
    Busy = 4,
}
