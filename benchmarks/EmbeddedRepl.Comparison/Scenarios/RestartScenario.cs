using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios;

/// <summary>
/// A node starts with the snapshot file of its predecessor, and Redis with its RDB, both from the page cache. Three times: reading the file, as the node says and as Redis writes it into its log; that beside all that the node's own
/// start takes, just-in-time compilation included; and all from the start of the process to the first answer.
/// </summary>
internal sealed class RestartScenario : IScenario
{
    private const int Turns = 5;
    // What the system counts processor time in: less cannot be told from nothing, which cannot be divided by.
    private const double ClockTick = 10;

    private const string LoadedLine = "DB loaded from disk: ";

    public string Name => "restart";

    public string Summary => "from the file of 1 M entries to serving them";

    public void Run(ScenarioContext context)
    {
        int entries = context.Size(1_000_000, 10_000);
        string folder = Directory.CreateTempSubdirectory("embeddedrepl-").FullName;
        try
        {
            (Func<Times> ours, double[] ourSaves) = PrepareOurs(context, folder, entries);
            (Func<Times>? theirs, double[] theirSaves) = ScenarioContext.HasRedis ? PrepareRedis(context, folder, entries) : (null, []);
            (Times[] our, Times[] their) = context.InTurns(Turns, ours, theirs);
            context.Report("the file alone, as each says itself", "ms", our.Select(times => times.File), ScenarioContext.RedisPeer, their.Select(times => times.File));
            context.Report("loading, start of the process not included", "ms", our.Select(times => times.Loading), ScenarioContext.RedisPeer, their.Select(times => times.Loading), Goal.RatioAtMost(0.5));
            context.Report("from the start of the process to the first answer", "ms", our.Select(times => times.Process), ScenarioContext.RedisPeer, their.Select(times => times.Process));
            context.Report("processor time of the process until then", "ms", our.Select(times => times.Processor), ScenarioContext.RedisPeer, their.Select(times => times.Processor));
            context.Report("saving (ours while writes go on, Redis with SAVE)", "ms", ourSaves, ScenarioContext.RedisPeer, theirSaves);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (Func<Times> Load, double[] Saves) PrepareOurs(ScenarioContext context, string folder, int entries)
    {
        context.Progress("saving ours");
        string[] settings = [$"SnapshotDirectory={folder}", "SnapshotInterval=00:00:00", "SaveSnapshotOnStop=false"];
        NodeInfo saved;
        double save;
        using (NodeProcess node = NodeProcess.StartMaster(settings))
        {
            node.Ask($"fill {entries} {EntryKeys.ValueSize}");
            save = Milliseconds(() => node.Ask("save"));
            saved = node.Info();
        }

        return (Load, [save]);

        Times Load()
        {
            long start = Stopwatch.GetTimestamp();
            using NodeProcess node = NodeProcess.StartMaster(settings);
            double process = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            double processor = Math.Max(ClockTick, node.ProcessorTime.TotalMilliseconds);
            NodeInfo loaded = node.Info();
            ScenarioContext.Require(loaded.Entries == entries && loaded.Digest == saved.Digest, "What was loaded is not what was saved.");
            return new Times(Number(node.Ask("loaded")), Number(node.Ask("started")), process, processor);
        }
    }

    private static (Func<Times> Load, double[] Saves) PrepareRedis(ScenarioContext context, string folder, int entries)
    {
        context.Progress("saving Redis's");
        double save = 0;
        using (var redis = new RedisServer(null, "--dir", folder))
        {
            using RedisClient client = redis.Connect();
            client.Fill(entries, EntryKeys.Create, EntryValues.CreateText);
            foreach (string compression in (string[])["no", "yes"])
            {
                client.Command("CONFIG", "SET", "rdbcompression", compression);
                save = Milliseconds(() => client.Command("SAVE"));
                File.Move(Path.Combine(folder, "dump.rdb"), Path.Combine(folder, FileName(compression)));
            }
        }

        // Its best setting, whichever it is.
        string best = new[] { "yes", "no" }.MinBy(compression => Load(compression).Loading)!;
        context.Note($"Redis loads the file that was saved with rdbcompression {best}, which it loads faster.");
        return (() => Load(best), [save]);

        Times Load(string compression)
        {
            string log = Path.Combine(folder, "redis.log");
            File.Delete(log);
            long start = Stopwatch.GetTimestamp();
            using var redis = new RedisServer(null, "--dir", folder, "--dbfilename", FileName(compression), "--loglevel", "notice", "--logfile", log);
            double process = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            double processor = Math.Max(ClockTick, redis.ProcessorTime.TotalMilliseconds);
            using RedisClient client = redis.Connect();
            ScenarioContext.Require(client.Command("DBSIZE") == entries.ToString(CultureInfo.InvariantCulture), "Redis did not load all entries.");
            string line = File.ReadLines(log).First(text => text.Contains(LoadedLine, StringComparison.Ordinal));
            string seconds = line[(line.IndexOf(LoadedLine, StringComparison.Ordinal) + LoadedLine.Length)..].Split(' ')[0];
            double loading = Number(seconds) * 1_000;
            return new Times(loading, loading, process, processor);
        }
    }

    private static string FileName(string compression) => $"compression-{compression}.rdb";

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static double Milliseconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Milliseconds of one start.</summary>
    private readonly record struct Times(double File, double Loading, double Process, double Processor);
}
