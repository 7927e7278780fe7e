namespace EmbeddedRepl.Replication.Snapshots;

/// <summary>What a snapshot file held, verified, before it is served.</summary>
/// <param name="Data">The data set with its history, at the file's end offset.</param>
/// <param name="SavedAt">When it was saved, in UTC milliseconds.</param>
/// <param name="LastMaster">The master that its writer had last synced with; null if it never did.</param>
internal sealed record LoadedSnapshot(DataSet Data, long SavedAt, string? LastMaster);
