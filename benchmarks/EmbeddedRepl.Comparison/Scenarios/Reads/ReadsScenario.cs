using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.Reads;

/// <summary>
/// Reads from the memory of this process, through what services get injected, beside what they would use otherwise, and beside a round trip to Redis. Keys are asked with strings of their own, as
/// requests bring them. What is written into a buffer or is a new array is the caller's; the others but Redis and HybridCache hand out the very array that they hold.
/// </summary>
internal sealed class ReadsScenario : IScenario
{
    private const int Turns = 9;
    private const int HotKeys = 1_000;

    public string Name => "reads";

    public string Summary => "random reads of 1 M keys and hot ones of 1,000, by 1 and 2 threads";

    public void Run(ScenarioContext context)
    {
        int entries = context.Size(1_000_000, 10_000);
        int reads = context.Size(500_000, 5_000);
        context.Progress("filling");
        using var contenders = new ReadContenders(entries);
        int[] random = Numbers(entries, reads, seed: 1);
        int[] hot = Numbers(HotKeys, reads, seed: 2);
        foreach (ReadContender contender in contenders.Redis is { } redis ? [.. contenders.Local, redis] : contenders.Local)
        {
            contender.Verify(random[..Math.Min(random.Length, 10_000)]);
        }

        foreach (int threads in (int[])[1, 2])
        {
            string by = threads == 1 ? "1 thread" : $"{threads} threads";
            Random(context, contenders, Keys(random), threads, by);
            Hot(context, contenders, HotKeyStrings(hot), threads, by);
        }

        Allocations(context, contenders, Keys(random));
    }

    private static void Random(ScenarioContext context, ReadContenders contenders, string[] keys, int threads, string by)
    {
        Dictionary<ReadContender, double[]> all = Measure(context, contenders, keys, threads);
        void Compare(ReadContender ours, ReadContender theirs, Goal? goal = null) => Report(context, $"random, {by}: {ours.Name}", ours, theirs, all, goal);
        Compare(contenders.Buffer, contenders.Dictionary, Goal.RatioAtMost(1));
        Compare(contenders.Buffer, contenders.BitFaster);
        Compare(contenders.Array, contenders.Memory, Goal.RatioAtMost(0.5));
        Compare(contenders.Array, contenders.Fusion);
        Compare(contenders.Array, contenders.Hybrid);
        if (contenders.Redis is { } redis)
        {
            Compare(contenders.Buffer, redis, Goal.RatioAtMost(0.01));
        }

        if (threads == 1)
        {
            Report(context, $"random, {by}: {contenders.Replica.Name}", contenders.Replica, contenders.Buffer, all, goal: null);
        }
    }

    private static void Hot(ScenarioContext context, ReadContenders contenders, string[] keys, int threads, string by)
    {
        Dictionary<ReadContender, double[]> all = Measure(context, contenders, keys, threads);
        void Compare(ReadContender ours, ReadContender theirs, Goal? goal = null) => Report(context, $"hot, {by}: {ours.Name}", ours, theirs, all, goal);
        Compare(contenders.Buffer, contenders.Dictionary, Goal.RatioAtMost(3));
        Compare(contenders.Buffer, contenders.Memory, Goal.RatioAtMost(1 / 3.0));
        Compare(contenders.Buffer, contenders.BitFaster);
        Compare(contenders.Array, contenders.Memory);
        Compare(contenders.Array, contenders.Fusion);
        Compare(contenders.Array, contenders.Hybrid);
        if (contenders.Redis is { } redis)
        {
            Compare(contenders.Buffer, redis, Goal.RatioAtMost(0.01));
        }
    }

    private static void Allocations(ScenarioContext context, ReadContenders contenders, string[] keys)
    {
        double theirs = contenders.Memory.AllocatedBytes(keys);
        context.Report("allocated by a read into a buffer", "B", contenders.Buffer.AllocatedBytes(keys), Goal.AtMostOf(0.01));
        context.Report("allocated by a read as an array", "B", contenders.Array.AllocatedBytes(keys));
        context.Note($"A read allocates with {contenders.Memory.Name} {Runner.Report.Number(theirs)} B, {contenders.Fusion.Name} {Runner.Report.Number(contenders.Fusion.AllocatedBytes(keys))} B, "
            + $"{contenders.Hybrid.Name} {Runner.Report.Number(contenders.Hybrid.AllocatedBytes(keys))} B. An array of {EntryKeys.ValueSize} B takes 128 B.");
    }

    private static Dictionary<ReadContender, double[]> Measure(ScenarioContext context, ReadContenders contenders, string[] keys, int threads)
    {
        // A round trip takes so much longer that fewer of them say as much.
        string[] few = keys[..Math.Min(keys.Length, 5_000)];
        List<ReadContender> order = [.. contenders.Local];
        List<Func<double>> measurements = [.. order.Select(contender => (Func<double>)(() => contender.Nanoseconds(keys, threads)))];
        if (contenders.Redis is { } redis)
        {
            order.Add(redis);
            measurements.Add(() => redis.Nanoseconds(few, threads));
        }

        GC.Collect();
        double[][] all = context.AllInTurns(Turns, measurements);
        return order.Zip(all).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private static void Report(ScenarioContext context, string name, ReadContender ours, ReadContender theirs, Dictionary<ReadContender, double[]> all, Goal? goal) =>
        context.Report(name, "ns", all[ours], theirs.Name, all[theirs], goal);

    private static int[] Numbers(int bound, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(bound))];
    }

    /// <summary>Strings that no contender holds, one for each read.</summary>
    private static string[] Keys(int[] numbers) => [.. numbers.Select(EntryKeys.Create)];

    /// <summary>
    /// Strings that no contender holds, one for each key. A string that a request has just brought is in the processor's cache when it is asked for; half a million of them would be fetched from memory, and that would
    /// be what is measured.
    /// </summary>
    private static string[] HotKeyStrings(int[] numbers)
    {
        string[] strings = EntryKeys.CreateAll(HotKeys);
        return [.. numbers.Select(number => strings[number])];
    }
}
