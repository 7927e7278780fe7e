using System.Globalization;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>Prints measurements beside their goals, and remembers whether all were reached.</summary>
internal sealed class Scoreboard
{
    public bool AllPassed { get; private set; } = true;

    public static string Number(double value) => value.ToString(value < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    public static void Note(string text) => Console.WriteLine(text);

    /// <summary>Prints one line.</summary>
    /// <param name="what">What was measured.</param>
    /// <param name="measured">All the numbers.</param>
    /// <param name="value">The number that the goal is about.</param>
    /// <param name="goal">The bound.</param>
    /// <param name="atMost">Whether it is an upper bound.</param>
    public void Judge(string what, string measured, double value, double goal, bool atMost)
    {
        bool passed = atMost ? value <= goal : value >= goal;
        AllPassed &= passed;
        string relation = atMost ? "<=" : ">=";
        Console.WriteLine($"{(passed ? "PASS" : "MISS")}  {what,-44} {measured,-74} {Number(value)} {relation} {Number(goal)}");
    }
}
