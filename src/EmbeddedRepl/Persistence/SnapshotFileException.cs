namespace EmbeddedRepl.Persistence;

/// <summary>What is wrong with a snapshot file or its directory.</summary>
internal enum SnapshotFileProblem
{
    /// <summary>It is empty, cut off, or its bytes are not those that were written.</summary>
    Damaged,

    /// <summary>A newer version of this library wrote it.</summary>
    NewerFormat,

    /// <summary>It holds what this node's limits do not admit.</summary>
    BeyondLimits,

    /// <summary>It belongs to a cache of another name.</summary>
    OtherCache,

    /// <summary>It is there and cannot be read, or the directory cannot be used.</summary>
    Unusable,

    /// <summary>Another node holds it.</summary>
    InUse,
}

/// <summary>A snapshot file cannot be loaded. The message says what to do; hosting adds the configuration key. No key or value is ever in it.</summary>
internal sealed class SnapshotFileException : Exception
{
    public SnapshotFileException(SnapshotFileProblem problem, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Problem = problem;
    }

    public SnapshotFileProblem Problem { get; }

    /// <summary>
    /// Whether the option to ignore a bad file applies: to one that will never be readable here. A file of another cache is somebody's, and one that
    /// cannot be read now may be readable tomorrow.
    /// </summary>
    public bool MayBeIgnored => Problem is SnapshotFileProblem.Damaged or SnapshotFileProblem.NewerFormat or SnapshotFileProblem.BeyondLimits;
}
