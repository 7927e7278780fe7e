using System.Globalization;
using EmbeddedRepl.Comparison.Local;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.Memory;

/// <summary>Resident memory of processes that hold the same entries, less that of processes that hold none.</summary>
internal sealed class MemoryScenario : IScenario
{
    private const int Turns = 3;
    private const string Dictionary = "ConcurrentDictionary";
    private const string MemoryDistributedCache = "MemoryDistributedCache";

    public string Name => "memory";

    public string Summary => "bytes an entry, resident; keys of 16 to 24 characters, values of 100 B";

    public void Run(ScenarioContext context)
    {
        foreach (int entries in context.IsShort ? [20_000] : (int[])[1_000_000, 10_000_000])
        {
            if (FreeMemory.IsEnoughFor(entries))
            {
                Compare(context, entries);
            }
            else
            {
                context.Note($"{entries:N0} entries are left out: {FreeMemory.Bytes / (1 << 20):N0} MiB of memory are free.");
            }
        }

        Churn(context);
    }

    private static void Compare(ScenarioContext context, int entries)
    {
        double payload = EntryKeys.ValueSize + Enumerable.Range(0, entries).Average(KeyLength);
        List<Func<double>> contenders = [() => OfProcess(NodeCache.Kind, entries), () => OfProcess(DictionaryCache.Kind, entries), () => OfProcess(MemoryCache.Kind, entries)];
        if (ScenarioContext.HasRedis)
        {
            contenders.Add(() => OfRedis(entries));
        }

        // Resident memory is not a matter of luck as time is: one turn is enough for the many entries that take long.
        double[][] all = context.AllInTurns(entries > 1_000_000 ? 1 : Turns, contenders, warmUp: false);
        double[][] beyond = [.. all.Select(values => values.Select(value => value - payload).ToArray())];
        string size = $"{entries / 1e6:0.##} M entries";
        context.Report($"{size}: beyond key and value", "B an entry", beyond[0], Dictionary, beyond[1], Goal.AtMostOf(64));
        context.Report($"{size}: beyond key and value", "B an entry", beyond[0], MemoryDistributedCache, beyond[2]);
        double[] redis = all.Length > 3 ? all[3] : [];
        context.Report($"{size}: in all", "B an entry", all[0], ScenarioContext.RedisPeer, redis, Goal.RatioAtMost(1));
    }

    private static void Churn(ScenarioContext context)
    {
        int entries = context.Size(1_000_000, 10_000);
        int overwrites = context.Size(10_000_000, 20_000);
        context.Progress("overwrites of mixed sizes");
        double nothing = PartProcess.Start(MemoryPart.Name, MemoryPart.Nothing, "0")["resident"];
        Dictionary<string, double> result = PartProcess.Start(ChurnPart.Name, Text(entries), Text(overwrites));
        ScenarioContext.Require(result["wrong"] == 0, $"{result["wrong"]} entries are not there as they were written last.");
        context.Report(
            $"{entries / 1e6:0.##} M after {overwrites / 1e6:0.##} M overwrites of 0 to 200 B: beyond key and value",
            "B an entry",
            (result["resident"] - nothing - result["payload"]) / entries,
            Goal.AtMostOf(96));
    }

    private static double OfProcess(string kind, int entries)
    {
        double nothing = PartProcess.Start(MemoryPart.Name, MemoryPart.Nothing, "0")["resident"];
        Dictionary<string, double> result = PartProcess.Start(MemoryPart.Name, kind, Text(entries));
        ScenarioContext.Require(result["wrong"] == 0, $"{result["wrong"]} of 1,000 values of '{kind}' are wrong.");
        return (result["resident"] - nothing) / entries;
    }

    private static double OfRedis(int entries)
    {
        using var redis = new RedisServer();
        using RedisClient client = redis.Connect();
        double nothing = redis.ResidentBytes;
        client.Fill(entries, MixedKeys.Create, EntryValues.CreateText);
        ScenarioContext.Require(client.Command("DBSIZE") == Text(entries), "Redis does not hold all entries.");

        // The system's figure; INFO's used_memory_rss is the same one, some milliseconds older.
        return (redis.ResidentBytes - nothing) / entries;
    }

    private static double KeyLength(int number)
    {
        Span<char> key = stackalloc char[MixedKeys.MaxLength];
        return MixedKeys.Format(number, key);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
