namespace EmbeddedRepl.Replication.Snapshots;

/// <summary>
/// When to save without being asked: after a time, after a number of changes, and at once when the data set was replaced. Knows what the file holds.
/// Called under the gate.
/// </summary>
internal sealed class SaveSchedule(SnapshotSettings settings)
{
    /// <summary>The shortest pause between two saves that nobody asked for, in milliseconds.</summary>
    public const long MinSpacing = 1_000;

    /// <summary>The first pause after a failure, in milliseconds; it doubles up to <see cref="LongestRetry"/>.</summary>
    public const long FirstRetry = 1_000;

    public const long LongestRetry = 60_000;

    private DataSet? _savedData;
    private ReplicationHistory _savedHistory = ReplicationHistory.None;
    private long _savedOffset;
    private long _savedChanges;
    private long _lastAt;
    private long _notBefore = long.MinValue;
    private long _retryPause;

    /// <summary>Saving becomes possible.</summary>
    /// <param name="data">What is served.</param>
    /// <param name="inFile">The history in the file that it was loaded from; none if there was no file.</param>
    /// <param name="now">The present.</param>
    public void Begin(DataSet data, ReplicationHistory inFile, Moment now)
    {
        _savedData = data;
        _savedHistory = inFile;
        _savedOffset = data.Offset;
        _savedChanges = data.Changes;
        _lastAt = now.Milliseconds;
    }

    /// <summary>Whether the file holds what is served.</summary>
    public bool IsUnchanged(DataSet data) =>
        ReferenceEquals(data, _savedData) && ReferenceEquals(data.History, _savedHistory) && data.Offset == _savedOffset;

    /// <summary>Changes that the file does not hold, as far as they were counted: all of a data set that is not in the file.</summary>
    public long ChangesSince(DataSet data) => ReferenceEquals(data, _savedData) ? data.Changes - _savedChanges : data.Changes;

    public bool IsDue(DataSet data, Moment now)
    {
        if (now.Milliseconds < _notBefore || !data.HasHistory || IsUnchanged(data))
        {
            return false;
        }

        return !ReferenceEquals(data, _savedData)
            || (settings.AfterChanges > 0 && ChangesSince(data) >= settings.AfterChanges)
            || (settings.Interval > 0 && now.Milliseconds - _lastAt >= settings.Interval);
    }

    /// <summary>A save is complete.</summary>
    /// <param name="data">The data set that was saved.</param>
    /// <param name="history">Its history at the end of the file.</param>
    /// <param name="offset">Its offset at the end of the file.</param>
    /// <param name="changes">Its changes when the save began.</param>
    /// <param name="duration">How long it took, in milliseconds.</param>
    /// <param name="now">The present.</param>
    public void Saved(DataSet data, ReplicationHistory history, long offset, long changes, long duration, Moment now)
    {
        _savedData = data;
        _savedHistory = history;
        _savedOffset = offset;
        _savedChanges = changes;
        _lastAt = now.Milliseconds;
        _retryPause = 0;

        // As long as it took: at most half of the time is spent writing, however large the data set and however short the interval.
        _notBefore = now.Milliseconds + Math.Max(MinSpacing, duration);
    }

    /// <summary>A save failed.</summary>
    /// <returns>For how long no further one is made that nobody asks for, in milliseconds.</returns>
    public long Failed(Moment now)
    {
        _retryPause = _retryPause == 0 ? FirstRetry : Math.Min(_retryPause * 2, LongestRetry);
        _notBefore = now.Milliseconds + _retryPause;
        return _retryPause;
    }
}
