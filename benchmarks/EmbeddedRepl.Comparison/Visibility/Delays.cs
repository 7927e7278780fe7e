using System.Diagnostics;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>How long writes took to be visible, in microseconds.</summary>
internal readonly record struct Delays(double P50, double P99)
{
    /// <summary>
    /// Of all values that were written, also of those that nobody saw because the next one came first: they count from when they were sent to when a later one was seen. Left out they would
    /// take the longest delays with them.
    /// </summary>
    public static Delays Of(CounterLoad load, CounterWriting writing, IReadOnlyList<Sighting> sightings)
    {
        double[] delays = new double[load.Writes];
        int next = 0;
        foreach (Sighting sighting in sightings)
        {
            for (; next < delays.Length && load.First + next <= sighting.Number; next++)
            {
                delays[next] = Stopwatch.GetElapsedTime(writing.SentAt[next], sighting.At).TotalMicroseconds;
            }
        }

        ScenarioContext.Require(next == delays.Length, $"Only {next} of {delays.Length} writes became visible.");
        Array.Sort(delays);
        return new Delays(delays[delays.Length / 2], delays[delays.Length * 99 / 100]);
    }
}
