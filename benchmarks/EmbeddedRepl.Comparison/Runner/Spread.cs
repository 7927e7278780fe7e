namespace EmbeddedRepl.Comparison.Runner;

/// <summary>The median of some measurements, and the least and the greatest of them.</summary>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    /// <summary>Of the middle two the lower one counts when there are evenly many.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? throw new ArgumentException("There is no median of nothing.", nameof(values))
            : new Spread(sorted[(sorted.Length - 1) / 2], sorted[0], sorted[^1]);
    }
}
