using System.Diagnostics;

namespace EmbeddedRepl.Samples.Cluster.Display;

/// <summary>A file, a pipe or a build log: the story, and the table every few seconds.</summary>
internal sealed class PlainScreen : Screen
{
    private static readonly TimeSpan TableInterval = TimeSpan.FromSeconds(4);

    private readonly Lock _lock = new();
    private readonly Stopwatch _sinceTable = Stopwatch.StartNew();

    /// <inheritdoc/>
    public override void WriteLine(string line = "")
    {
        lock (_lock)
        {
            Console.Out.WriteLine(line);
        }
    }

    /// <inheritdoc/>
    public override void ShowTable(IReadOnlyList<string> lines)
    {
        lock (_lock)
        {
            if (_sinceTable.Elapsed < TableInterval)
            {
                return;
            }

            _sinceTable.Restart();
            foreach (string line in lines)
            {
                Console.Out.WriteLine(line);
            }
        }
    }

    /// <inheritdoc/>
    public override void HideTable()
    {
        // What is printed stays printed.
    }
}
