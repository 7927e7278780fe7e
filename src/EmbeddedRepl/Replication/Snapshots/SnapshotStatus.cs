using EmbeddedRepl.Persistence;

namespace EmbeddedRepl.Replication.Snapshots;

/// <summary>What a node can tell of its snapshot file. Changed and read under the gate.</summary>
internal sealed class SnapshotStatus(string path)
{
    private SnapshotInfo _info = new() { Path = path };

    /// <summary>The file that was found at the start counts as the last save.</summary>
    /// <param name="loaded">What was loaded; null if there was no file.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="duration">How long it took, in milliseconds.</param>
    public void Loaded(LoadedSnapshot? loaded, long bytes, long duration)
    {
        if (loaded is not null)
        {
            _info = _info with
            {
                LastSavedAt = DateTimeOffset.FromUnixTimeMilliseconds(loaded.SavedAt),
                LastSavedOffset = loaded.Data.Offset,
                LastSavedEntries = loaded.Data.Store.Count,
                LastSavedBytes = bytes,
                LoadDuration = TimeSpan.FromMilliseconds(duration),
            };
        }
    }

    public void Saved(in SnapshotFileTrailer end, long bytes, long duration) => _info = _info with
    {
        LastSavedAt = DateTimeOffset.FromUnixTimeMilliseconds(end.SavedAt),
        LastSavedOffset = end.EndOffset,
        LastSavedEntries = end.Entries,
        LastSavedBytes = bytes,
        LastSaveDuration = TimeSpan.FromMilliseconds(duration),
        Saves = _info.Saves + 1,
        LastError = null,
        LastErrorAt = null,
    };

    public void Failed(string reason, Moment now) => _info = _info with
    {
        FailedSaves = _info.FailedSaves + 1,
        LastError = reason,
        LastErrorAt = DateTimeOffset.FromUnixTimeMilliseconds(now.UtcMilliseconds),
    };

    public SnapshotInfo Describe(bool isLoading, double loadPercent, bool isSaving, long changes) => _info with
    {
        IsLoading = isLoading,
        LoadPercent = isLoading ? Math.Min(100, loadPercent) : 0,
        IsSaving = isSaving,
        ChangesSinceSave = changes,
    };
}
