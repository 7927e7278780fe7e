using EmbeddedRepl.Samples.Cluster.Display;
using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster;

/// <summary>A temporary folder for what the nodes print; it is left behind only if somebody has a reason to look into it.</summary>
internal sealed class LogFolder : IDisposable
{
    private const int LinesShown = 10;

    private bool _isWanted;

    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("embeddedrepl-demo-").FullName;

    /// <summary>Shows the end of each log and where the rest is, and keeps the folder.</summary>
    public void Show(Screen screen, ClusterNodes nodes)
    {
        _isWanted = true;
        foreach (Node node in nodes.All.Where(node => new FileInfo(node.LogFile) is { Exists: true, Length: > 0 }))
        {
            screen.WriteLine();
            screen.WriteLine(Style.Bold($"The end of {node.LogFile}"));
            foreach (string line in ReadLines(node.LogFile).TakeLast(LinesShown))
            {
                screen.WriteLine("  " + line);
            }
        }

        screen.WriteLine();
        screen.WriteLine($"The whole logs are in {Path}.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isWanted)
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    private static List<string> ReadLines(string file)
    {
        // The nodes may still be writing.
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        List<string> lines = [];
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }
}
