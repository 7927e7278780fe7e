namespace EmbeddedRepl;

/// <summary>What a <see cref="CacheChange"/> tells.</summary>
public enum CacheChangeKind
{
    /// <summary>An entry was set, whether or not there was one before.</summary>
    Set = 1,

    /// <summary>An entry was removed: by a caller, by eviction, or by the master because it had expired.</summary>
    Removed = 2,

    /// <summary>All entries were removed in one step.</summary>
    Cleared = 3,

    /// <summary>All data was replaced by a full sync, by the snapshot file or by a recovery: any entry may be another one now, or gone.</summary>
    DataReplaced = 4,

    /// <summary>Here changes are missing, because more came than the subscription has room for: any entry may be another one now, or gone.</summary>
    Gap = 5,
}
