namespace EmbeddedRepl.Samples.Cluster.Display;

/// <summary>
/// What the visitor looks at: a story that grows line by line, and the state of the nodes now.
/// All members may be called from any thread.
/// </summary>
internal abstract class Screen : IDisposable
{
    /// <summary>Chooses the screen that fits where the output goes.</summary>
    /// <param name="plain">Whether plain lines were asked for.</param>
    public static Screen Create(bool plain) => plain || !IsLiveTerminal() ? new PlainScreen() : new LiveScreen();

    /// <summary>Adds a line to the story.</summary>
    public abstract void WriteLine(string line = "");

    /// <summary>Shows the state of the nodes as it is now; meant to be called several times a second.</summary>
    /// <param name="lines">The table, line by line.</param>
    public abstract void ShowTable(IReadOnlyList<string> lines);

    /// <summary>Takes the table off the screen, where that is possible.</summary>
    public abstract void HideTable();

    /// <summary>Leaves the terminal as it was.</summary>
    public virtual void Dispose() => HideTable();

    private static bool IsLiveTerminal()
    {
        if (Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb")
        {
            return false;
        }

        // The old Windows console does not move its cursor on request; Windows Terminal, which sets this, does.
        return !OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("WT_SESSION") is not null;
    }
}
