using System.Text;

namespace EmbeddedRepl.Samples.Cluster.Display;

/// <summary>A terminal: the table stays at the bottom and is redrawn in place, the story scrolls above it.</summary>
internal sealed class LiveScreen : Screen
{
    private const string HideCursor = "\e[?25l";
    private const string ShowCursor = "\e[?25h";
    private const string ClearToEndOfLine = "\e[K";
    private const string ClearToEndOfScreen = "\e[J";

    private readonly Lock _lock = new();
    private IReadOnlyList<string> _table = [];
    private int _rowsDrawn;

    /// <summary>Takes the terminal over.</summary>
    public LiveScreen()
    {
        Style.Enabled = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        Console.Out.Write(HideCursor);
    }

    /// <inheritdoc/>
    public override void WriteLine(string line = "")
    {
        lock (_lock)
        {
            Draw(line);
        }
    }

    /// <inheritdoc/>
    public override void ShowTable(IReadOnlyList<string> lines)
    {
        lock (_lock)
        {
            _table = lines;
            Draw(story: null);
        }
    }

    /// <inheritdoc/>
    public override void HideTable() => ShowTable([]);

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        Console.Out.Write(ShowCursor);
    }

    // One write for all of it, and no line is cleared before its new content is there: nothing flickers.
    private void Draw(string? story)
    {
        var output = new StringBuilder();
        if (_rowsDrawn > 0)
        {
            output.Append($"\e[{_rowsDrawn}A\r");
        }

        if (story is not null)
        {
            // Long lines of the story may wrap; what is below them is drawn anew anyway.
            output.Append(ClearToEndOfScreen).Append(story).Append('\n');
        }

        int width = TerminalWidth();
        foreach (string line in _table)
        {
            output.Append(Cut(line, width)).Append(ClearToEndOfLine).Append('\n');
        }

        output.Append(ClearToEndOfScreen);
        _rowsDrawn = _table.Count;
        Console.Out.Write(output.ToString());
        Console.Out.Flush();
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth - 1 : 119;
        }
        catch (IOException)
        {
            return 119;
        }
    }

    /// <summary>Keeps a line from wrapping, which would spoil the count of rows; colour codes take no room.</summary>
    private static string Cut(string line, int width)
    {
        int visible = 0;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '\e')
            {
                i = line.IndexOf('m', i);
            }
            else if (++visible > width)
            {
                return line[..i] + (Style.Enabled ? "\e[0m" : "");
            }
        }

        return line;
    }
}
