using System.Diagnostics;

namespace EmbeddedRepl.TestKit;

/// <summary>A small file system of its own, in memory: a disk that really runs full and really becomes read-only, whoever writes to it. Linux, as root or with sudo.</summary>
internal sealed class MountedFolder : IDisposable
{
    private bool _isReadOnly;

    /// <param name="path">A folder that exists.</param>
    /// <param name="bytes">How much it takes, in whole pages.</param>
    public MountedFolder(string path, int bytes)
    {
        FullName = path;
        Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "embeddedrepl", path);
    }

    public string FullName { get; }

    private string Filler => Path.Combine(FullName, "filler");

    /// <summary>
    /// Makes it read-only for everybody who comes by its path. The file system itself would refuse while a file is open for writing, such as a node's
    /// lock, so it is mounted once more over itself.
    /// </summary>
    public void MakeReadOnly()
    {
        Run("mount", "--bind", FullName, FullName);
        _isReadOnly = true;
        Run("mount", "-o", "remount,bind,ro", FullName);
    }

    /// <summary>Leaves no byte free, until <see cref="MakeRoom"/>.</summary>
    public void Fill()
    {
        byte[] page = new byte[4096];
        using FileStream file = new(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(page);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Undoes <see cref="Fill"/>.</summary>
    public void MakeRoom() => File.Delete(Filler);

    /// <summary>Undoes <see cref="MakeReadOnly"/>.</summary>
    public void MakeWritable()
    {
        _isReadOnly = false;
        Run("umount", FullName);
    }

    public void Dispose()
    {
        if (_isReadOnly)
        {
            MakeWritable();
        }

        Run("umount", "--lazy", FullName);
    }

    private static void Run(string tool, params string[] arguments)
    {
        ProcessStartInfo start = Environment.IsPrivilegedProcess ? new(tool, arguments) : new("sudo", ["-n", tool, .. arguments]);
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new IOException($"{tool} {string.Join(' ', arguments)}: {error}");
        }
    }
}
