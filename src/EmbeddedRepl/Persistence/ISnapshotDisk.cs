namespace EmbeddedRepl.Persistence;

/// <summary>
/// What a snapshot file asks of a file system: flat names in one directory. Called by one thread at a time, never under the gate. Every member but
/// <see cref="Describe"/> may throw <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal interface ISnapshotDisk
{
    /// <summary>How a file is called in messages: its full path.</summary>
    string Describe(string name);

    /// <summary>Creates the directory if it is missing, and a lock file in it that is held until it is disposed of or the process dies.</summary>
    /// <returns>Null if somebody else holds it.</returns>
    IDisposable? TryLock(string name);

    IReadOnlyList<string> List();

    /// <summary>Opens a file for reading; null if there is none.</summary>
    ISnapshotFile? OpenRead(string name);

    /// <summary>Creates a file, readable by this user alone; one of that name is emptied.</summary>
    ISnapshotFile Create(string name);

    /// <summary>Gives a file another name in one step, replacing what has that name.</summary>
    void Rename(string from, string to);

    void Delete(string name);

    /// <summary>Returns when what was created, renamed and deleted survives a crash of the machine.</summary>
    void FlushDirectory();
}

/// <summary>An open file, read or written from front to back.</summary>
internal interface ISnapshotFile : IDisposable
{
    long Length { get; }

    /// <returns>How many bytes were read; 0 at the end.</returns>
    int Read(Span<byte> destination);

    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Returns when what was appended survives a crash of the machine.</summary>
    void Flush();
}
