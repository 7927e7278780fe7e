namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>The straight line that is nearest to some points: least squares.</summary>
internal static class Line
{
    /// <returns>Its value at 0, and its slope.</returns>
    public static (double Start, double Slope) Fit(IReadOnlyCollection<(double X, double Y)> points)
    {
        double x = points.Average(point => point.X);
        double y = points.Average(point => point.Y);
        double slope = points.Sum(point => (point.X - x) * (point.Y - y)) / points.Sum(point => (point.X - x) * (point.X - x));
        return (y - (slope * x), slope);
    }
}
