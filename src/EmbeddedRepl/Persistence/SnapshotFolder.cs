using System.Globalization;

namespace EmbeddedRepl.Persistence;

/// <summary>
/// The snapshot file of one node and what may stand beside it: the lock, a file that is being written, damaged ones that were put aside.
/// Keeps the order that makes a save all or nothing. Used by one thread at a time.
/// </summary>
internal sealed class SnapshotFolder(ISnapshotDisk disk, string fileName, string writerName) : IDisposable
{
    /// <summary>How many damaged files are kept before the node refuses to put another one aside.</summary>
    public const int MaxDamaged = 9;

    private readonly string _asideName = $"{fileName}.tmp-{writerName}";
    private IDisposable? _lock;

    /// <summary>The snapshot file as messages name it.</summary>
    public string Path => disk.Describe(fileName);

    /// <summary>Locks the file and removes what interrupted saves have left.</summary>
    /// <returns>The names of what was removed.</returns>
    /// <exception cref="SnapshotFileException">The directory cannot be used, or another node uses the file.</exception>
    public IReadOnlyList<string> Open()
    {
        string lockName = fileName + ".lock";
        try
        {
            _lock = disk.TryLock(lockName) ?? throw new SnapshotFileException(
                SnapshotFileProblem.InUse,
                $"Another process, or another cache of this process, uses {Path}: it holds {disk.Describe(lockName)}. Each node needs a SnapshotDirectory or a SnapshotFileName of its own.");
            string[] leftovers = [.. disk.List().Where(name => name.StartsWith(fileName + ".tmp-", StringComparison.Ordinal))];
            foreach (string leftover in leftovers)
            {
                disk.Delete(leftover);
            }

            return leftovers;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw new SnapshotFileException(
                SnapshotFileProblem.Unusable, $"The directory of {Path} cannot be used: {exception.Message} It must exist or be creatable, and be writable.", exception);
        }
    }

    /// <summary>Opens the snapshot file; null if there is none.</summary>
    public ISnapshotFile? OpenRead() => disk.OpenRead(fileName);

    /// <summary>Begins a file that will replace the present one.</summary>
    public ISnapshotFile CreateAside() => disk.Create(_asideName);

    /// <summary>Puts what was written aside in the place of the present file, so that either of them survives a crash, whole.</summary>
    /// <param name="written">Closed by this call.</param>
    public void Commit(ISnapshotFile written)
    {
        using (written)
        {
            written.Flush();
        }

        disk.Rename(_asideName, fileName);
        disk.FlushDirectory();
    }

    /// <summary>Gives up what was written aside. Never fails: what cannot be deleted now is removed at the next start.</summary>
    /// <param name="written">Closed by this call.</param>
    public void Discard(ISnapshotFile? written)
    {
        try
        {
            written?.Dispose();
            disk.Delete(_asideName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Renames the snapshot file, which cannot be loaded, so that it is not overwritten.</summary>
    /// <returns>Its new name as messages say it.</returns>
    /// <exception cref="SnapshotFileException">So many have been kept that somebody should look.</exception>
    public string PutAside()
    {
        HashSet<string> names = [.. disk.List()];
        for (int i = 1; i <= MaxDamaged; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{fileName}.damaged-{i}");
            if (!names.Contains(name))
            {
                disk.Rename(fileName, name);
                disk.FlushDirectory();
                return disk.Describe(name);
            }
        }

        throw new SnapshotFileException(
            SnapshotFileProblem.Unusable, $"{MaxDamaged} damaged files stand beside {Path} already. Remove those that nobody needs, then start again.");
    }

    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
    }
}
