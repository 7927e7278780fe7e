using System.Globalization;

namespace EmbeddedRepl.Soak.Measurement;

/// <summary>
/// Takes samples of resources and decides whether they grow. The first quarter of the samples is warm-up and does not count: pools, caches and compiled code
/// are filled then. Of the rest, the median of the last quarter is compared with that of the second quarter, so single outliers decide nothing. A resource grows if the
/// difference is more than its slack and what it may grow for each unit of work done between the two quarters.
/// </summary>
internal sealed class GrowthCheck(IReadOnlyList<Resource> resources, string unit)
{
    /// <summary>With fewer samples a quarter says nothing.</summary>
    public const int MinSamples = 12;

    private readonly List<(long Units, long[] Values)> _samples = [];

    /// <summary>How many samples were taken.</summary>
    public int Count => _samples.Count;

    /// <summary>Collects garbage until nothing more is found, and takes a sample.</summary>
    /// <param name="units">How much work was done before it.</param>
    public long[] Sample(long units)
    {
        Collect();
        long[] values = [.. resources.Select(resource => resource.Read())];
        _samples.Add((units, values));
        return values;
    }

    /// <summary>The last sample, on one line.</summary>
    public string Describe(long[] values) =>
        string.Join(", ", resources.Zip(values, (resource, value) => string.Create(CultureInfo.InvariantCulture, $"{resource.Name} {value:N0}")));

    /// <summary>Prints the table and returns how many resources did not grow and how many did.</summary>
    public (int Passed, int Failed) Report(TextWriter output)
    {
        if (_samples.Count < MinSamples)
        {
            output.WriteLine($"Only {_samples.Count} samples: too few to tell growth.");
            return (0, 1);
        }

        int quarter = _samples.Count / 4;
        List<(long Units, long[] Values)> second = _samples.GetRange(quarter, quarter);
        List<(long Units, long[] Values)> last = _samples.GetRange(_samples.Count - quarter, quarter);
        long units = Median(last.Select(sample => sample.Units)) - Median(second.Select(sample => sample.Units));
        output.WriteLine();
        output.WriteLine(Line($"{_samples.Count} samples after forced collections; {units:N0} {unit} lie between the middle of the second quarter and that of the last:"));
        output.WriteLine();
        output.WriteLine($"{"resource",-34} {"least",14} {"2nd quarter",14} {"last quarter",14} {"most",14} {"growth",12} {"allowed",12}");
        (int passed, int failed) = (0, 0);
        for (int i = 0; i < resources.Count; i++)
        {
            Resource resource = resources[i];
            long before = Median(second.Select(sample => sample.Values[i]));
            long after = Median(last.Select(sample => sample.Values[i]));
            long allowed = resource.Slack + (long)(resource.PerUnit * units);
            bool grows = after - before > allowed;
            _ = grows ? failed++ : passed++;
            output.WriteLine(Line(
                $"{resource.Name,-34} {_samples.Min(sample => sample.Values[i]),14:N0} {before,14:N0} {after,14:N0} {_samples.Max(sample => sample.Values[i]),14:N0} {after - before,12:N0} {allowed,12:N0}{(grows ? "  GROWS" : "")}"));
        }

        return (passed, failed);
    }

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }

    private static long Median(IEnumerable<long> values)
    {
        long[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
