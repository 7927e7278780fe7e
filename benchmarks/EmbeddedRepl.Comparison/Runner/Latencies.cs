using System.Globalization;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>The distribution of some latencies, in microseconds.</summary>
internal sealed record Latencies(int Count, double P50, double P99, double P999, double Max)
{
    /// <summary>The parts that are reported, by name.</summary>
    public static IReadOnlyList<(string Name, Func<Latencies, double> Get)> Parts { get; } =
        [("p50", one => one.P50), ("p99", one => one.P99), ("p99.9", one => one.P999), ("max", one => one.Max)];

    /// <summary>Sorts the values that it is given.</summary>
    public static Latencies Of(Span<float> microseconds)
    {
        microseconds.Sort();
        int count = microseconds.Length;
        return count == 0
            ? throw new ArgumentException("Nothing was recorded.", nameof(microseconds))
            : new Latencies(count, microseconds[count / 2], microseconds[(int)(count * 0.99)], microseconds[(int)(count * 0.999)], microseconds[^1]);
    }

    public static Latencies Parse(string text)
    {
        double[] numbers = [.. text.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        return new Latencies((int)numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string Format() => string.Create(CultureInfo.InvariantCulture, $"{Count} {P50:R} {P99:R} {P999:R} {Max:R}");
}
