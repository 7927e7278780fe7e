using EmbeddedRepl.Persistence;

namespace EmbeddedRepl.Replication.Snapshots;

/// <summary>What the options say about the snapshot file, in milliseconds and with defaults filled in. Immutable.</summary>
internal sealed record SnapshotSettings
{
    public required string Directory { get; init; }

    public required string FileName { get; init; }

    /// <summary>0: not by time.</summary>
    public long Interval { get; init; } = 300_000;

    /// <summary>0: not by the number of changes.</summary>
    public long AfterChanges { get; init; }

    public bool SaveOnStop { get; init; } = true;

    public bool IgnoreDamaged { get; init; }

    /// <summary>Null: nothing is saved or loaded.</summary>
    public static SnapshotSettings? Of(ReplicatedCacheOptions options) => options.SnapshotDirectory is not { } directory
        ? null
        : new SnapshotSettings
        {
            Directory = directory,
            FileName = options.SnapshotFileName ?? SnapshotFileName.For(options.CacheName),
            Interval = (long)Math.Ceiling(options.SnapshotInterval.TotalMilliseconds),
            AfterChanges = options.SnapshotAfterChanges,
            SaveOnStop = options.SaveSnapshotOnStop,
            IgnoreDamaged = options.IgnoreDamagedSnapshot,
        };
}
