namespace EmbeddedRepl.Persistence;

/// <summary>A directory of the machine.</summary>
internal sealed class DirectoryDisk(string directory) : ISnapshotDisk
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory = Path.GetFullPath(directory);

    public string Describe(string name) => Path.Combine(_directory, name);

    public IDisposable? TryLock(string name)
    {
        CreateDirectory();
        try
        {
            // Held by the open file, so the operating system lets go of it with the process. The file itself stays: deleting it would let two
            // processes hold locks on different files of the same name.
            return new FileStream(Describe(name), Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (IsSharingViolation(exception))
        {
            return null;
        }
    }

    public IReadOnlyList<string> List() => [.. Directory.EnumerateFiles(_directory).Select(path => Path.GetFileName(path))];

    public ISnapshotFile? OpenRead(string name)
    {
        try
        {
            return new DiskFile(new FileStream(Describe(name), Options(FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan)));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public ISnapshotFile Create(string name) => new DiskFile(new FileStream(Describe(name), Options(FileMode.Create, FileAccess.Write, FileShare.None)));

    public void Rename(string from, string to) => File.Move(Describe(from), Describe(to), overwrite: true);

    public void Delete(string name) => File.Delete(Describe(name));

    public void FlushDirectory() => UnixDirectory.Flush(_directory);

    private static FileStreamOptions Options(FileMode mode, FileAccess access, FileShare share, FileOptions options = FileOptions.None)
    {
        var result = new FileStreamOptions { Mode = mode, Access = access, Share = share, Options = options, BufferSize = 0 };
        if (access != FileAccess.Read && !OperatingSystem.IsWindows())
        {
            result.UnixCreateMode = OwnerOnly;
        }

        return result;
    }

    /// <summary>
    /// Whether a file could not be opened because somebody else has it open. The framework has one type for all errors of a device; the numbers are
    /// ERROR_SHARING_VIOLATION on Windows, and EWOULDBLOCK on Linux and on macOS and the BSDs.
    /// </summary>
    private static bool IsSharingViolation(IOException exception) => OperatingSystem.IsWindows()
        ? exception.HResult == unchecked((int)0x80070020)
        : exception.GetType() == typeof(IOException) && exception.HResult is 11 or 35;

    private void CreateDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_directory);
        }
        else
        {
            Directory.CreateDirectory(_directory, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    private sealed class DiskFile(FileStream stream) : ISnapshotFile
    {
        public long Length => stream.Length;

        public int Read(Span<byte> destination) => stream.Read(destination);

        public void Append(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

        public void Flush() => stream.Flush(flushToDisk: true);

        public void Dispose() => stream.Dispose();
    }
}
