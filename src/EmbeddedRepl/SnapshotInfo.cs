namespace EmbeddedRepl;

/// <summary>What a node knows of its snapshot file at one moment. Immutable.</summary>
public sealed record SnapshotInfo
{
    /// <summary>The full path of the file.</summary>
    public required string Path { get; init; }

    /// <summary>Whether the file is being loaded; nothing is served until that is through.</summary>
    public bool IsLoading { get; init; }

    /// <summary>How much of the file has been read while it is being loaded, 0 to 100 percent; 0 otherwise.</summary>
    public double LoadPercent { get; init; }

    /// <summary>How long loading the file took when this run began; null if there was none, or while it is being loaded.</summary>
    public TimeSpan? LoadDuration { get; init; }

    /// <summary>Whether a save is under way.</summary>
    public bool IsSaving { get; init; }

    /// <summary>The moment that the file describes, by the clock of the node that wrote it; null if there is no file yet.</summary>
    public DateTimeOffset? LastSavedAt { get; init; }

    /// <summary>The replication offset that the file describes, in bytes; 0 if there is no file yet.</summary>
    public long LastSavedOffset { get; init; }

    /// <summary>Entries in the file's data set.</summary>
    public long LastSavedEntries { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public long LastSavedBytes { get; init; }

    /// <summary>How long the last save of this run took; null before the first.</summary>
    public TimeSpan? LastSaveDuration { get; init; }

    /// <summary>Changes of the data since the last save began; of a data set that the file does not hold at all, those since it was built.</summary>
    public long ChangesSinceSave { get; init; }

    /// <summary>Saves that were completed in this run.</summary>
    public long Saves { get; init; }

    /// <summary>Saves that failed in this run.</summary>
    public long FailedSaves { get; init; }

    /// <summary>Why the last save failed; null if it did not. Health is degraded until one succeeds.</summary>
    public string? LastError { get; init; }

    /// <summary>When it failed; null if it did not.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }
}
