using System.Diagnostics;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>Looks at a counter again and again, and notes when each value is seen for the first time.</summary>
internal static class CounterWatch
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Tells the writer that it watches; returns when the last value was seen.</summary>
    /// <exception cref="WrongResultException">The counter went backwards, or stood still for 30 seconds.</exception>
    public static List<Sighting> Run(ICounterReader counter, CounterLoad load)
    {
        using SeenSignal signal = SeenSignal.Listen(load.Signal);
        var sightings = new List<Sighting>(load.Writes);
        long last = counter.Get();
        signal.Tell();
        long lastAt = Stopwatch.GetTimestamp();
        while (last < load.Last)
        {
            long number = counter.Get();
            long at = Stopwatch.GetTimestamp();
            if (number == last)
            {
                ScenarioContext.Require(Stopwatch.GetElapsedTime(lastAt, at) < Limit, $"Value {load.Last} of the counter was never seen; the last one was {last}.");
                continue;
            }

            ScenarioContext.Require(number > last && number <= load.Last, $"The counter went from {last} to {number}.");
            last = number;
            lastAt = at;
            if (number < load.First)
            {
                // Of an earlier load, that this node had not yet got to the end of.
                continue;
            }

            sightings.Add(new Sighting(number, at));
            if (load.IsClosedLoop)
            {
                signal.Tell();
            }
        }

        return sightings;
    }
}
