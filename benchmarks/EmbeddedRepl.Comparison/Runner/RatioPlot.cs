using System.Globalization;
using System.Net;
using System.Text;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>
/// Draws the figures that have a peer: a dot for the median of the ratio, a line from the least to the greatest, and a tick for the goal, on a logarithmic axis
/// on which right of the middle is better for us, whether more or less of the figure is good.
/// </summary>
internal static class RatioPlot
{
    private const int TextWidth = 420;
    private const int Width = 520;
    private const int RowHeight = 22;
    private const int Top = 84;
    private const int Right = 110;
    private const double Decades = 3;

    public static string Draw(IReadOnlyList<Figure> figures, bool isShort)
    {
        Figure[] rows = [.. figures.Where(figure => figure is { Ratio: not null, Goal.OfRatio: true })];
        int bottom = Top + (rows.Length * RowHeight);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {TextWidth + Width + Right} {bottom + 46}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        Text(svg, 16, 24, "How many times better EmbeddedRepl is than what it is compared with, measured in turns in one run", size: 15);
        Text(svg, 16, 44, "Dot: median of the turns. Line: least to greatest. Tick: the goal. Right of the line at 1 means better than the other." + (isShort ? " SHORT RUN: FIGURES MEAN NOTHING." : ""), color: "#555");
        for (int decade = 0; decade <= Decades; decade++)
        {
            double value = Math.Pow(10, decade - 1);
            double x = X(value);
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{x:f1} {Top - 8}V{bottom}\" stroke=\"{(decade == 1 ? "#444" : "#ddd")}\"/>\n");
            Text(svg, x, Top - 14, $"{value.ToString("0.##", CultureInfo.InvariantCulture)}×", anchor: "middle");
        }

        for (int row = 0; row < rows.Length; row++)
        {
            Row(svg, rows[row], Top + (row * RowHeight) + (RowHeight / 2));
        }

        Text(svg, 16, bottom + 30, "Measured by: dotnet run -c Release --project benchmarks/EmbeddedRepl.Comparison -- all --plots FOLDER", color: "#555");
        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static void Row(StringBuilder svg, Figure figure, int y)
    {
        // A goal of "at most" tells that less is better.
        bool isInverted = figure.Goal!.AtMost;
        Spread ratio = figure.Ratio!.Value;
        double Better(double value) => isInverted ? 1 / value : value;
        double median = Better(ratio.Median);
        string color = figure.IsReached == true ? "#1f6fb4" : "#c2571a";
        Text(svg, TextWidth - 10, y + 4, $"{figure.Scenario}: {figure.Name} / {figure.Peer}", anchor: "end");
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{X(Better(ratio.Min)):f1} {y}H{X(Better(ratio.Max)):f1}\" stroke=\"{color}\" stroke-width=\"2\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{X(Better(figure.Goal.Bound)):f1} {y - 7}V{y + 7}\" stroke=\"#444\" stroke-width=\"1.5\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(median):f1}\" cy=\"{y}\" r=\"4.5\" fill=\"{color}\"/>\n");
        Text(svg, TextWidth + Width + 12, y + 4, $"{Report.Number(median)}×{(figure.IsReached == true ? "" : "  missed")}", color: color);
    }

    private static double X(double value) => TextWidth + (Math.Clamp((Math.Log10(value) + 1) / Decades, 0, 1) * Width);

    private static void Text(StringBuilder svg, double x, double y, string text, int size = 12, string color = "#222", string anchor = "start") =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:f1}\" y=\"{y:f1}\" font-size=\"{size}\" fill=\"{color}\" text-anchor=\"{anchor}\">{WebUtility.HtmlEncode(text)}</text>\n");
}
