using System.Runtime.ExceptionServices;
using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Replication.Snapshots;

namespace EmbeddedRepl.Replication.Runtime;

/// <content>The load at the start.</content>
internal sealed partial class SnapshotLoop
{
    private readonly ManualResetEventSlim _loaded = new();
    private ExceptionDispatchInfo? _loadFailure;

    /// <summary>Returns when the file is loaded, or there is none.</summary>
    /// <exception cref="SnapshotFileException">It cannot be loaded.</exception>
    /// <exception cref="ObjectDisposedException">The node was disposed of meanwhile.</exception>
    public void WaitUntilLoaded()
    {
        _loaded.Wait();
        ObjectDisposedException.ThrowIf(_isStopped, typeof(IReplicatedCache));
        _loadFailure?.Throw();
    }

    private bool TryLoad()
    {
        try
        {
            Moment start = Now();
            LoadedSnapshot? loaded = Load(start, out long duration);
            lock (_core.Gate)
            {
                ReplicationHistory inFile = loaded?.Data.History ?? ReplicationHistory.None;
                _core.FinishLoading(loaded, Now());
                _status.Loaded(loaded, _reader.Length, duration);
                _begin!();
                _schedule.Begin(_core.Data, inFile, Now());
            }

            return true;
        }
#pragma warning disable CA1031 // Whoever waits for the start is told, whatever it was.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _loadFailure = ExceptionDispatchInfo.Capture(exception);
            return false;
        }
        finally
        {
            _loaded.Set();
        }
    }

    private LoadedSnapshot? Load(Moment start, out long duration)
    {
        duration = 0;
        try
        {
            LoadedSnapshot? loaded = _reader.Read(start, () => _isStopped);
            duration = Now().Milliseconds - start.Milliseconds;
            if (loaded is null)
            {
                _logger.SnapshotMissing(_folder.Path);
                return null;
            }

            DataSet data = loaded.Data;
            _logger.SnapshotLoaded(
                _folder.Path, data.Store.Count, _reader.Length, TimeSpan.FromMilliseconds(duration), data.History.Id, data.Offset);
            return loaded;
        }
        catch (SnapshotFileException exception) when (exception.MayBeIgnored && _settings.IgnoreDamaged)
        {
            _logger.SnapshotIgnored(_folder.Path, exception.Message, PutAside(exception));
            return null;
        }
        catch (SnapshotFileException exception)
        {
            string advice = exception.MayBeIgnored
                ? " Restore the file, remove it, or set IgnoreDamagedSnapshot to true, which keeps it under another name and starts empty."
                : "";
            throw new SnapshotFileException(exception.Problem, $"The snapshot file {_folder.Path} cannot be loaded. {exception.Message}{advice}", exception);
        }
    }

    private string PutAside(SnapshotFileException reason)
    {
        try
        {
            return _folder.PutAside();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotFileException(
                SnapshotFileProblem.Unusable,
                $"The snapshot file {_folder.Path} cannot be loaded and cannot be renamed either. {reason.Message} {exception.Message}",
                exception);
        }
    }
}
