using System.Diagnostics;
using EmbeddedRepl.Comparison.Sinks;

namespace EmbeddedRepl.Benchmarks.Storm;

/// <summary>
/// Many replicas start together against a master that is full and is being written: how long until all stream, how long a write is held up at most, and
/// how much memory the master takes. Real replicas build the data and are compared by digest; sinks speak the protocol and verify every byte of the
/// stream, but build nothing, so that a high rate of writes meets many receivers on a small machine.
/// </summary>
internal static class StormRun
{
    /// <summary>Memory of a real replica per entry, with room for its growth, in bytes.</summary>
    private const long BytesPerEntry = 256;

    private const int Processes = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static int Run(StormOptions options)
    {
        Console.WriteLine($"{options.Entries:n0} entries, {Environment.ProcessorCount} processors");
        Directory.CreateDirectory(options.Folder);
        long room = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 3 * 2;
        int replicas = (int)Math.Min(options.Replicas, room / (options.Entries * BytesPerEntry));
        bool isGood = replicas == 0 || Storm(options, StormChild.Replicas, replicas, options.ReplicaRate);
        isGood &= options.Sinks == 0 || Storm(options, StormChild.Sinks, options.Sinks, options.SinkRate);
        return isGood ? 0 : 1;
    }

    private static bool Storm(StormOptions options, string kind, int count, int rate)
    {
        using var master = new StormMaster(options.Entries, count);
        using var witness = new StreamSink(master.EndPoint);
        master.Fill();
        StormChild[] children = [.. Enumerable.Range(0, Processes).Select(i =>
            new StormChild(kind, master.EndPoint, (count / Processes) + (i < count % Processes ? 1 : 0)))];
        try
        {
            if (kind == StormChild.Replicas)
            {
                // They stream first, so that what follows is a restart and not a start.
                Tell(children, "start");
                WaitUntilAll(children, count);
            }

            var samples = new List<StormSample>();
            master.BeginWrites(rate);
            Thread.Sleep(1_000);
            master.TakeLongestWrite();
            long start = Stopwatch.GetTimestamp();
            Tell(children, kind == StormChild.Replicas ? "restart" : "start");
            int streaming;
            do
            {
                streaming = children.Sum(child => child.State().Streaming);
                samples.Add(new StormSample(Stopwatch.GetElapsedTime(start).TotalSeconds, streaming, StormMaster.WorkingSet, master.TakeLongestWrite(), master.Writes));
                Thread.Sleep(50);
            }
            while (streaming < count && Stopwatch.GetElapsedTime(start) < Patience);

            master.EndWrites();
            return Report(options, kind, count, rate, samples, master, witness, children);
        }
        finally
        {
            Array.ForEach(children, child => child.Dispose());
        }
    }

    private static bool Report(
        StormOptions options, string kind, int count, int rate, List<StormSample> samples, StormMaster master, StreamSink witness, StormChild[] children)
    {
        long end = master.Info.ReplicationOffset;
        long start = Stopwatch.GetTimestamp();
        while ((children.Min(child => child.State().Offset) < end || witness.Offset < end) && Stopwatch.GetElapsedTime(start) < Patience)
        {
            Thread.Sleep(20);
        }

        string expected = kind == StormChild.Replicas ? master.Info.Digest : witness.Hashes.ToString();
        string[] problems = [.. children.Select(child => child.Compare(expected)).Where(answer => answer != StormChild.Equal)];
        double seconds = samples[^1].Seconds;
        double achieved = (samples[^1].Writes - samples[0].Writes) / seconds;
        long allocated = samples.Max(sample => sample.WorkingSet) - samples[0].WorkingSet;
        string outcome = problems.Length == 0 ? "all equal" : "DIFFERENT: " + string.Join("; ", problems);
        Console.WriteLine($"{count} {kind}, {achieved:n0} of {rate:n0} writes/s: all stream after {seconds:f1} s; longest write {samples.Max(sample => sample.LongestWrite):f1} ms");
        Console.WriteLine($"  master's memory: {samples[0].WorkingSet >> 20} MiB before, {allocated >> 20} MiB more at most; full syncs {master.Info.SyncFull}, dropped for overrun {master.Info.OutputLimitDisconnects}; {outcome}");
        string chart = Path.Combine(options.Folder, $"storm-{kind}.svg");
        File.WriteAllText(chart, StormChart.Draw($"{count} {kind} restart together, {options.Entries:n0} entries, {rate:n0} writes/s", count, samples));
        Console.WriteLine($"chart: {chart}");
        return problems.Length == 0 && samples[^1].Streaming == count;
    }

    private static void Tell(StormChild[] children, string command) => Array.ForEach(children, child => child.Tell(command));

    private static void WaitUntilAll(StormChild[] children, int count)
    {
        long start = Stopwatch.GetTimestamp();
        while (children.Sum(child => child.State().Streaming) < count)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException("The replicas do not stream.");
            }

            Thread.Sleep(20);
        }
    }
}

/// <summary>One look at the storm.</summary>
/// <param name="Seconds">Since it began.</param>
/// <param name="Streaming">Receivers that stream.</param>
/// <param name="WorkingSet">Memory of the master's process, in bytes.</param>
/// <param name="LongestWrite">The longest that a write took since the look before, in milliseconds.</param>
/// <param name="Writes">Writes so far.</param>
internal readonly record struct StormSample(double Seconds, int Streaming, long WorkingSet, double LongestWrite, long Writes);
