using System.Globalization;
using System.Text;

namespace EmbeddedRepl.Benchmarks.Storm;

/// <summary>Draws a storm: who streams, the master's memory, and the longest write, over the same time.</summary>
internal static class StormChart
{
    private const int Width = 760;
    private const int Left = 70;
    private const int PanelHeight = 130;
    private const int Gap = 44;
    private const int Top = 60;

    public static string Draw(string title, int count, IReadOnlyList<StormSample> samples)
    {
        double seconds = Math.Max(0.1, samples[^1].Seconds);
        var svg = new StringBuilder();
        int height = Top + (3 * (PanelHeight + Gap));
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width + Left + 20} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"24\" font-size=\"15\">{title}</text>\n");
        Panel(svg, 0, "receivers that stream", count, seconds, samples, sample => sample.Streaming);
        Panel(svg, 1, "memory of the master, MiB", samples.Max(sample => sample.WorkingSet) / 1048576.0, seconds, samples, sample => sample.WorkingSet / 1048576.0);
        Panel(svg, 2, "longest write in each interval, ms", samples.Max(sample => sample.LongestWrite), seconds, samples, sample => sample.LongestWrite);
        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static void Panel(
        StringBuilder svg, int number, string name, double max, double seconds, IReadOnlyList<StormSample> samples, Func<StormSample, double> value)
    {
        max = Math.Max(max, 0.001);
        int top = Top + (number * (PanelHeight + Gap));
        int bottom = top + PanelHeight;
        string points = string.Join(' ', samples.Select(sample => string.Create(
            CultureInfo.InvariantCulture,
            $"{Left + (sample.Seconds / seconds * Width):f1},{bottom - (value(sample) / max * PanelHeight):f1}")));
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{top - 8}\">{name}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {top}V{bottom}H{Left + Width}\" fill=\"none\" stroke=\"#888\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{top + 10}\" text-anchor=\"end\">{max:0.#}</text><text x=\"{Left - 6}\" y=\"{bottom}\" text-anchor=\"end\">0</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + Width}\" y=\"{bottom + 15}\" text-anchor=\"end\">{seconds:0.0} s</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"#1f6fb4\" stroke-width=\"1.5\"/>\n");
    }
}
