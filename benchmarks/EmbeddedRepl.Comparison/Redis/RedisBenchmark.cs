using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.Comparison.Redis;

/// <summary>Redis's own load generator.</summary>
internal static class RedisBenchmark
{
    /// <summary>SET of random keys by 8 clients with 64 commands on the way each.</summary>
    /// <returns>Commands a second.</returns>
    public static double PipelinedSets(RedisServer server, int requests, int keys, int valueSize) =>
        Run(server, "-t", "set", "-c", "8", "-P", "64", "-n", $"{requests}", "-r", $"{keys}", "-d", $"{valueSize}")[0];

    /// <summary>SET of random keys, each client waiting for its answer before the next.</summary>
    /// <returns>Commands a second, and the median and the 99th percentile of the time of one, in microseconds.</returns>
    public static (double PerSecond, double P50, double P99) Sets(RedisServer server, int clients, int requests, int keys, int valueSize)
    {
        double[] fields = Run(server, "-t", "set", "-c", $"{clients}", "-n", $"{requests}", "-r", $"{keys}", "-d", $"{valueSize}");
        return (fields[0], fields[3] * 1_000, fields[5] * 1_000);
    }

    // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
    private static double[] Run(RedisServer server, params string[] arguments)
    {
        var start = new ProcessStartInfo("redis-benchmark") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-p", $"{server.Port}", "--csv", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using Process benchmark = Process.Start(start)!;
        string[] lines = benchmark.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        benchmark.WaitForExit();
        return [.. lines[^1].Split(',')[1..].Select(field => double.Parse(field.Trim('"'), CultureInfo.InvariantCulture))];
    }
}
