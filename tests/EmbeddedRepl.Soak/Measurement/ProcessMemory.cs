using System.Globalization;

namespace EmbeddedRepl.Soak.Measurement;

/// <summary>What Linux tells of this process; 0 elsewhere, where nothing can be said.</summary>
internal static class ProcessMemory
{
    private const string Descriptors = "/proc/self/fd";
    private const string Tasks = "/proc/self/task";

    /// <summary>Open file descriptors: files, sockets, pipes, timers of the system.</summary>
    public static long Handles => Directory.Exists(Descriptors) ? Directory.GetFileSystemEntries(Descriptors).Length : 0;

    /// <summary>Threads of the process, those of the runtime and of its pool included.</summary>
    public static long Threads => Directory.Exists(Tasks) ? Directory.GetDirectories(Tasks).Length : 0;

    /// <summary>Threads of the library, which all carry its name.</summary>
    public static long OwnThreads => !Directory.Exists(Tasks) ? 0 : Directory.GetDirectories(Tasks)
        .Count(task => ReadOrEmpty(Path.Combine(task, "comm")).StartsWith("EmbeddedRepl", StringComparison.Ordinal));

    /// <summary>Anonymous memory of the process that is in use, in bytes: the managed heap, native memory, stacks.</summary>
    public static long ResidentBytes
    {
        get
        {
            foreach (string line in ReadOrEmpty("/proc/self/status").Split('\n'))
            {
                if (line.StartsWith("RssAnon:", StringComparison.Ordinal))
                {
                    return long.Parse(line.AsSpan("RssAnon:".Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
                }
            }

            return 0;
        }
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // A thread that ended meanwhile.
            return "";
        }
    }
}
