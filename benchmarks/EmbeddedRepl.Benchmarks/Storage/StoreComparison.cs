using System.Globalization;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>
/// Measures the store beside ConcurrentDictionary and MemoryDistributedCache against the goals it was built for, each part in a process of its
/// own, so that one's memory and garbage do not weigh on another's.
/// </summary>
internal static class StoreComparison
{
    private static readonly int[] DefaultEntries = [1_000_000, 5_000_000];

    public static int Run(string[] args)
    {
        int index = Array.IndexOf(args, "--entries");
        int[] sizes = index < 0 ? DefaultEntries : [int.Parse(args[index + 1], CultureInfo.InvariantCulture)];
        Scoreboard.Note($"{Environment.ProcessorCount} processors, .NET {Environment.Version}, keys of 16 to 24 characters, values of {Contenders.ValueSize} bytes");
        Scoreboard board = new();
        foreach (int entries in sizes)
        {
            Scoreboard.Note($"--- {entries:N0} entries");
            Memory(board, entries);
            Speed(board, entries);
        }

        int largest = sizes.Max();
        Scoreboard.Note($"--- writes on {largest:N0} entries");
        Pauses(board, largest);
        Scoreboard.Note("--- a changing mix of sizes");
        Churn(board, sizes.Min());
        return board.AllPassed || !args.Contains("--check") ? 0 : 1;
    }

    private static void Memory(Scoreboard board, int entries)
    {
        double empty = StoreChild.Start("memory", "empty", entries)["rss"];
        double[] overheads = [.. new[] { "store", "dictionary", "cache" }.Select(contender =>
        {
            Dictionary<string, double> result = StoreChild.Start("memory", contender, entries);
            return (result["rss"] - empty - result["payload"]) / entries;
        })];
        board.Judge(
            "overhead per entry, bytes",
            $"store {overheads[0]:0.0}, ConcurrentDictionary {overheads[1]:0.0}, MemoryDistributedCache {overheads[2]:0.0}",
            overheads[0],
            goal: 64,
            atMost: true);
    }

    private static void Speed(Scoreboard board, int entries)
    {
        Dictionary<string, double> r = StoreChild.Start("speed", "all", entries);
        board.Judge("TryGet into a buffer / dictionary + copy", Times(r, "tryget", "store", "dictionary"), r["tryget.ratio"], 1.0, atMost: true);
        board.Judge("TryGet, bytes allocated per call", "", r["tryget.allocated"], 0.01, atMost: true);
        board.Judge("MemoryDistributedCache.Get / Get", Times(r, "get", "store", "cache"), r["get.ratio"], entries >= 5_000_000 ? 2.0 : 1.8, atMost: false);
        board.Judge("hot TryGet / dictionary + copy", Times(r, "hot", "store", "dictionary"), r["hot.ratio"], 3.0, atMost: true);
        board.Judge("hot TryGet / MemoryDistributedCache.Get", Times(r, "hot", "store", "cache"), r["hot.cacheratio"], 1 / 3.0, atMost: true);
        board.Judge("MemoryDistributedCache.Set / overwrite", Times(r, "set", "store", "cache"), r["set.ratio"], 2.0, atMost: false);
        board.Judge("overwrite, bytes allocated per call", "", r["set.allocated"], 0.01, atMost: true);
        board.Judge(
            "scaling to 2 readers / dictionary's",
            $"store {r["scale.store"]:0.00}x, ConcurrentDictionary {r["scale.dictionary"]:0.00}x",
            r["scale.store"] / r["scale.dictionary"],
            0.95,
            atMost: false);
    }

    private static void Pauses(Scoreboard board, int entries)
    {
        Dictionary<string, double> store = StoreChild.Start("pauses", "store", entries);
        Dictionary<string, double> dictionary = StoreChild.Start("pauses", "dictionary", entries);
        board.Judge(
            "longest GC pause in 2 M overwrites, ms",
            $"store {store["pause"]:0.00} ({store["collections"]} collections), ConcurrentDictionary {dictionary["pause"]:0.00} ({dictionary["collections"]})",
            store["pause"],
            goal: 10,
            atMost: true);
        foreach ((string name, Dictionary<string, double> r) in new[] { ("store", store), ("ConcurrentDictionary", dictionary) })
        {
            Scoreboard.Note($"      single overwrite, {name}: p50 {r["p50"]:0.00} us, p99 {r["p99"]:0.00} us, p99.99 {r["p9999"]:0.0} us, max {r["max"]:0.0} us");
        }
    }

    private static void Churn(Scoreboard board, int entries)
    {
        double empty = StoreChild.Start("memory", "empty", entries)["rss"];
        Dictionary<string, double> result = StoreChild.Start("churn", "store", entries);
        double overhead = (result["rss"] - empty - result["payload"]) / result["count"];
        board.Judge(
            "overhead after 10 M mixed-size overwrites, bytes",
            $"{result["count"]:N0} entries, 30 % of the keys replaced, mean value {(result["payload"] / result["count"]) - 20:0} bytes",
            overhead,
            goal: 96,
            atMost: true);
    }

    private static string Times(Dictionary<string, double> result, string what, string first, string second)
    {
        return $"{first} {result[$"{what}.{first}"]:0.0} ns, {second} {result[$"{what}.{second}"]:0.0} ns";
    }
}
