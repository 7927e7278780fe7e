using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Display;

/// <summary>Draws the state of the nodes as lines of text.</summary>
internal static class NodeTable
{
    private static readonly Func<string, string> AsIs = text => text;

    // Together just under 80 characters, the width that every terminal has.
    private static readonly Column[] Columns =
    [
        new("node", -9, status => status.Node.Name),
        new("role", -7, Role),
        new("link", -12, Link, PaintLink),
        new("offset", 11, status => $"{status.Report?.ReplicationOffset:N0}"),
        new("lag", 9, Lag),
        new("entries", 7, status => $"{status.Report?.EntryCount:N0}"),
        new("reads/s", 7, status => Rate(status, status.ReadsPerSecond)),
        new("writes/s", 8, status => Rate(status, status.WritesPerSecond)),
    ];

    /// <summary>Draws the table.</summary>
    /// <param name="nodes">One row each.</param>
    /// <param name="footer">A line below it, or null.</param>
    public static IReadOnlyList<string> Draw(IEnumerable<NodeStatus> nodes, string? footer)
    {
        List<string> lines = ["", "  " + Style.Bold(string.Join(' ', Columns.Select(column => column.Fit(column.Title))))];
        lines.AddRange(nodes.Select(
            status => "  " + string.Join(' ', Columns.Select(column => column.Paint(column.Fit(column.Text(status)))))));
        if (footer is not null)
        {
            lines.Add("  " + Style.Dim(footer));
        }

        lines.Add("");
        return lines;
    }

    private static string Role(NodeStatus status) =>
        status.Report?.Role.ToUpperInvariant() switch
        {
            "MASTER" => "master",
            "REPLICA" => "replica",
            _ => "",
        };

    private static string Link(NodeStatus status) => status.Node.Condition switch
    {
        NodeCondition.Down => status.Node.TimesTakenDown == 0 ? "not started" : "down",
        NodeCondition.Frozen => "frozen",
        _ when status.Report is null => "no answer",
        _ when status.Node.IsMaster => "-",
        _ => status.Report.LinkState switch
        {
            "ReceivingSnapshot" => "loading",
            "RequestingSync" => "asking",
            string state => state.ToLowerInvariant(),
        },
    };

    private static string PaintLink(string text) => text.Trim() switch
    {
        "-" => text,
        "streaming" => Style.Green(text),
        "down" or "frozen" or "disconnected" or "no answer" => Style.Red(text),
        _ => Style.Yellow(text),
    };

    private static string Lag(NodeStatus status) => status switch
    {
        { Report: null } => "",
        { Node.IsMaster: true } => "-",
        _ => $"{status.Report.LagBytes:N0} B",
    };

    private static string Rate(NodeStatus status, double rate) => status.Report is null ? "" : $"{rate:N0}";

    /// <param name="Title">The heading.</param>
    /// <param name="Width">Characters; negative to align to the left.</param>
    /// <param name="Text">What a row says.</param>
    /// <param name="Painter">Colours the padded text.</param>
    private sealed record Column(string Title, int Width, Func<NodeStatus, string> Text, Func<string, string>? Painter = null)
    {
        public Func<string, string> Paint => Painter ?? AsIs;

        public string Fit(string text)
        {
            int width = Math.Abs(Width);
            string cut = text.Length > width ? text[..width] : text;
            return Width < 0 ? cut.PadRight(width) : cut.PadLeft(width);
        }
    }
}
