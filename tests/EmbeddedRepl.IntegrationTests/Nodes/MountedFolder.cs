using System.Diagnostics;

namespace EmbeddedRepl.IntegrationTests.Nodes;

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

    /// <summary>Undoes that.</summary>
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
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}: {error}");
    }
}
