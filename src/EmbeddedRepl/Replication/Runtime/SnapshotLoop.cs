using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Replication.Snapshots;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// The thread of the snapshot file: loads it when the node starts, then saves when the schedule says so, when somebody asks, and when the node
/// stops. Its disk may hang without anybody else waiting for it.
/// </summary>
internal sealed partial class SnapshotLoop : IDisposable
{
    /// <summary>How often the schedule is looked at, in milliseconds.</summary>
    private const long Patience = 100;

    /// <summary>How often the last save looks for more of the stream, in milliseconds.</summary>
    private const long LastSavePatience = 10;

    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(5);

    private readonly NodeCore _core;
    private readonly SnapshotFolder _folder;
    private readonly SnapshotSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SaveSchedule _schedule;
    private readonly SnapshotFileReader _reader;
    private readonly LoopSignal _signal = new();
    private readonly SnapshotStatus _status;
    private LoopThread? _thread;
    private Action? _begin;

    // The rest is changed under the gate.
    private SnapshotSave? _save;
    private TaskCompletionSource? _running;
    private TaskCompletionSource? _next;
    private SnapshotRecording? _prepared;
    private volatile bool _isStopped;

    public SnapshotLoop(NodeCore core, SnapshotSettings settings, ISnapshotDisk disk, TimeProvider time, ILogger logger)
    {
        _core = core;
        _settings = settings;
        _time = time;
        _logger = logger;
        _folder = new SnapshotFolder(disk, settings.FileName, core.RunId.ToString()[..8]);
        _schedule = new SaveSchedule(settings);
        _reader = new SnapshotFileReader(core, _folder);
        _status = new SnapshotStatus(_folder.Path);
        core.SnapshotSignal = _signal;
    }

    /// <summary>Locks the file.</summary>
    /// <exception cref="SnapshotFileException">The directory cannot be used, or another node uses the file.</exception>
    public void Open()
    {
        foreach (string leftover in _folder.Open())
        {
            _logger.SnapshotLeftoverRemoved(leftover);
        }
    }

    /// <summary>Begins to load.</summary>
    /// <param name="begin">Called under the gate when the core has taken the file's content, or there is none: the role begins.</param>
    public void Start(Action begin)
    {
        _begin = begin;
        _thread = LoopThread.Start("snapshot", _logger, Run);
    }

    /// <summary>Saves soon. The task ends when a file that holds everything up to this call is on the disk, or with the reason why it is not.</summary>
    /// <exception cref="ReplicatedCacheException">There is nothing to save, or nobody who would.</exception>
    public Task SaveAsync()
    {
        lock (_core.Gate)
        {
            if (_isStopped || _last == LastSave.Over)
            {
                throw new ReplicatedCacheException("This node was stopped, so it saves no snapshot any more.");
            }

            if (!_core.Data.HasHistory)
            {
                throw new ReplicatedCacheException("There is nothing to save: this node has not completed its first sync or load.");
            }

            if (_running is { } running && _save is { Recording: { End: null, AbandonedFor: null } })
            {
                return running.Task;
            }

            _next ??= NewCompletion();
            _signal.Set();
            return _next.Task;
        }
    }

    /// <summary>Under the gate.</summary>
    public SnapshotInfo Describe() => _status.Describe(_core.IsLoading, _reader.Percent, _save is not null, _schedule.ChangesSince(_core.Data));

    public void Dispose()
    {
        lock (_core.Gate)
        {
            if (_isStopped)
            {
                return;
            }

            _isStopped = true;
            _save?.Recording.Abandon("The node is stopping.");
            ForgetPrepared();
        }

        _loaded.Set();
        _signal.Set();
        if (_thread is null || _thread.Join(JoinPatience))
        {
            // Otherwise the disk hangs, and the lock is let go of with the process.
            _folder.Dispose();
            _signal.Dispose();
        }
    }

    private static TaskCompletionSource NewCompletion() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Moment Now() => Moment.From(_time);

    private void Run()
    {
        try
        {
            if (TryLoad())
            {
                while (!_isStopped)
                {
                    SaveWhenDue();
                }
            }
        }
        finally
        {
            _loaded.Set();
            _lastSaveDone.Set();
            FailWaiters(new ReplicatedCacheException("The node was stopped before the snapshot was saved."));
        }
    }

    private void SaveWhenDue()
    {
        bool saves;
        lock (_core.Gate)
        {
            bool changed = _core.Data.HasHistory && !_schedule.IsUnchanged(_core.Data);
            saves = !_isStopped && (_next is not null || _last switch
            {
                LastSave.NotAsked => _schedule.IsDue(_core.Data, Now()),
                LastSave.Held or LastSave.MayEnd => changed,
                _ => false,
            });
            if (saves)
            {
                _running = _next ?? NewCompletion();
                _next = null;
            }
            else if (_last == LastSave.MayEnd)
            {
                EndLastSave();
            }
        }

        if (saves)
        {
            Save();
        }
        else
        {
            _signal.Wait(Patience);
        }
    }

    private void Save()
    {
        try
        {
            SaveProgress progress;
            do
            {
                progress = SaveOnce();
            }
            while (progress == SaveProgress.Abandoned && !_isStopped && WasOvertaken());

            if (progress == SaveProgress.Abandoned)
            {
                throw new IOException(_save!.Recording.AbandonedFor);
            }

            Saved();
        }
#pragma warning disable CA1031 // Whatever it was, it concerns this save: those who wait for it are told, and the next one gets its chance.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failed(exception);
        }
    }

    private bool WasOvertaken()
    {
        lock (_core.Gate)
        {
            return !ReferenceEquals(_core.Data, _save!.Recording.Data);
        }
    }

    private SaveProgress SaveOnce()
    {
        var save = new SnapshotSave(_core, _folder, _prepared, Now());
        lock (_core.Gate)
        {
            _save = save;
            _prepared = null;
            save.Recording.MayEnd = _last != LastSave.Held;
            if (_isStopped)
            {
                save.Recording.Abandon("The node is stopping.");
            }
        }

        bool isDone = false;
        try
        {
            while (true)
            {
                SaveProgress progress = save.Step(Now());
                if (progress == SaveProgress.Waits)
                {
                    _signal.Wait(LastSavePatience);
                }
                else if (progress != SaveProgress.Goes)
                {
                    isDone = progress == SaveProgress.Done;
                    return progress;
                }
            }
        }
        finally
        {
            if (!isDone)
            {
                save.Discard("The save failed.");
            }
        }
    }

    private void Saved()
    {
        TaskCompletionSource? running;
        SnapshotSave save = _save!;
        lock (_core.Gate)
        {
            Moment now = Now();
            SnapshotRecording recording = save.Recording;
            SnapshotFileTrailer end = recording.End!.Value;
            long duration = now.Milliseconds - save.StartedAt;
            _schedule.Saved(recording.Data, recording.EndHistory!, end.EndOffset, recording.ChangesAtStart, duration, now);
            _status.Saved(end, save.Bytes, duration);
            _logger.SnapshotSaved(_folder.Path, end.Entries, save.Bytes, TimeSpan.FromMilliseconds(duration), end.Id, end.EndOffset);
            _save = null;
            running = _running;
            _running = null;

            // Entries may expire after the links are closed; nobody waits for those.
            if (_last == LastSave.MayEnd && ReferenceEquals(recording.Data, _lastData) && end.EndOffset >= _lastOffset)
            {
                EndLastSave();
            }
        }

        running?.TrySetResult();
    }

    private void Failed(Exception exception)
    {
        TaskCompletionSource? running;
        lock (_core.Gate)
        {
            Moment now = Now();
            _save = null;
            running = _running;
            _running = null;
            long pause = _schedule.Failed(now);
            ForgetPrepared();
            if (!_isStopped)
            {
                _status.Failed(exception.Message, now);
                _logger.SnapshotFailed(exception, _folder.Path, exception.Message, TimeSpan.FromMilliseconds(pause));
            }

            if (_last is LastSave.Held or LastSave.MayEnd)
            {
                EndLastSave();
            }
        }

        if (running is not null)
        {
            Fail(running, new ReplicatedCacheException($"The snapshot could not be saved to {_folder.Path}: {exception.Message} The previous file is as it was.", exception));
        }
    }

    /// <summary>Under the gate.</summary>
    private void ForgetPrepared()
    {
        _prepared?.Abandon("The save was not begun.");
        _prepared = null;
    }

    private void FailWaiters(ReplicatedCacheException exception)
    {
        TaskCompletionSource?[] waiters;
        lock (_core.Gate)
        {
            _last = LastSave.Over;
            waiters = [_running, _next];
            _running = _next = null;
        }

        foreach (TaskCompletionSource? waiter in waiters)
        {
            if (waiter is not null)
            {
                Fail(waiter, exception);
            }
        }
    }

    private static void Fail(TaskCompletionSource waiter, Exception exception)
    {
        waiter.TrySetException(exception);

        // A save that nobody asked for has nobody who looks at its task.
        _ = waiter.Task.Exception;
    }
}
