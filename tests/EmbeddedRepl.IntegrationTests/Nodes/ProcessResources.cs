namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>What this process holds at the moment, as Linux tells it; 0 elsewhere, where nothing can be said.</summary>
internal static class ProcessResources
{
    private const string Tasks = "/proc/self/task";
    private const string Descriptors = "/proc/self/fd";

    /// <summary>Threads of the library, which all carry its name.</summary>
    public static int Threads => !Directory.Exists(Tasks) ? 0 : Directory.GetDirectories(Tasks).Count(task => Read(() => File.ReadAllText(Path.Combine(task, "comm")))
        .StartsWith("EmbeddedRepl", StringComparison.Ordinal));

    public static int Sockets => !Directory.Exists(Descriptors) ? 0 : Directory.GetFiles(Descriptors).Count(descriptor => Read(() => new FileInfo(descriptor).LinkTarget ?? "")
        .StartsWith("socket:", StringComparison.Ordinal));

    private static string Read(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return "";
        }
    }
}
