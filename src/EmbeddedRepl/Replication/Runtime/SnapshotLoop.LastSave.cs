using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Replication.Snapshots;

namespace EmbeddedRepl.Replication.Runtime;

/// <content>The save of a node that stops.</content>
internal sealed partial class SnapshotLoop
{
    private static readonly TimeSpan LastSaveGrace = TimeSpan.FromSeconds(2);

    private readonly ManualResetEventSlim _lastSaveDone = new();

    // Changed under the gate.
    private LastSave _last;
    private DataSet? _lastData;
    private long _lastOffset;

    /// <summary>Where a stopping node is with its last save.</summary>
    private enum LastSave
    {
        NotAsked,

        /// <summary>It may run, but not choose its end: replicas may still get more.</summary>
        Held,

        /// <summary>All links are closed.</summary>
        MayEnd,

        Over,
    }

    /// <summary>The node is about to stop: the last save may begin, and ends when <see cref="FinishLastSave"/> is called.</summary>
    public void BeginLastSave()
    {
        lock (_core.Gate)
        {
            if (_settings.SaveOnStop && !_core.IsLoading && _last == LastSave.NotAsked)
            {
                _last = LastSave.Held;
                if (_save is { Recording: { End: null } recording })
                {
                    recording.MayEnd = false;
                }
                else if (_core.Recording is null && _core.Data.HasHistory)
                {
                    // Now, not when the thread gets to it: the stream from here on will be in the file, so a replica that is cut off a little before the
                    // end of the file can go on.
                    _prepared = new SnapshotRecording(_core) { MayEnd = false };
                }

                _signal.Set();
            }
        }
    }

    /// <summary>All links are closed: what is served now is what the file has to hold.</summary>
    /// <param name="timeout">How long the stop may take.</param>
    /// <param name="elapsed">How long it has taken. If replicas have used it up, there is still a moment for the rest of the file, which is nearly written.</param>
    public void FinishLastSave(TimeSpan timeout, TimeSpan elapsed)
    {
        lock (_core.Gate)
        {
            if (_last == LastSave.NotAsked)
            {
                return;
            }

            if (_last == LastSave.Held)
            {
                _last = LastSave.MayEnd;
                _lastData = _core.Data;
                _lastOffset = _core.Data.Offset;
                if (_save is { } save)
                {
                    save.Recording.MayEnd = true;
                }
            }
        }

        _signal.Set();
        TimeSpan grace = timeout < LastSaveGrace ? timeout : LastSaveGrace;
        TimeSpan left = timeout - elapsed;
        if (!_lastSaveDone.Wait(left > grace ? left : grace))
        {
            _logger.SnapshotNotSavedAtStop(_folder.Path);
        }
    }

    /// <summary>Under the gate.</summary>
    private void EndLastSave()
    {
        _last = LastSave.Over;
        ForgetPrepared();
        _lastSaveDone.Set();
    }
}
