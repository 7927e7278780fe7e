using System.Diagnostics;
using EmbeddedRepl.Comparison;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Forwarding;

/// <summary>
/// Writes on a replica that it forwards to a master in another process, each of which ends when the replica itself has it, beside SET of Redis by its own benchmark
/// with as many clients, which ends when the server has answered. Taken in turns in one run.
/// </summary>
internal static class ForwardFigures
{
    private const int Keys = 1_000_000;
    private const int ValueSize = 100;
    private const int Rounds = 5;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    public static int Run()
    {
        using NodeProcess master = NodeProcess.StartMaster();
        string address = master.Info().Address;
        IReplicatedCache replica = BenchmarkNode.Create(options =>
        {
            options.Master = address;
            options.ReplicaWrites = ReplicaWrites.Forward;
        });
        while (replica.GetReplicationInfo().LinkState != ReplicationLinkState.Streaming)
        {
            Thread.Sleep(1);
        }

        using RedisServer? redis = RedisServer.IsInstalled ? new RedisServer() : null;
        if (redis is null)
        {
            Console.WriteLine("redis-server is not installed (Debian: apt-get install redis-server), so there is nothing to compare with.");
        }

        string[] keys = EntryKeys.CreateAll(Keys);
        Console.WriteLine($"keys of 16 characters, values of {ValueSize} B, {Environment.ProcessorCount} processors; medians of {Rounds} rounds");
        Compare("1 caller, blocking", 1, 20_000, replica, keys, redis, isAsync: false);
        Compare("16 callers, blocking", 16, 100_000, replica, keys, redis, isAsync: false);
        Compare("16 callers, async", 16, 100_000, replica, keys, redis, isAsync: true);
        Compare("256 callers, async", 256, 400_000, replica, keys, redis, isAsync: true);

        NodeInfo info = NodeInfo.Of(replica);
        bool equal = info.HasSameDataAs(master.Info());
        Console.WriteLine(equal ? $"digests equal: {info.Digest}" : "NODES DIFFER");
        return equal ? 0 : 1;
    }

    private static void Compare(string name, int callers, int writes, IReplicatedCache replica, string[] keys, RedisServer? redis, bool isAsync)
    {
        var ours = new List<Figure>();
        var theirs = new List<Figure>();
        Write(callers, writes / 10, replica, keys, isAsync);
        for (int round = 0; round < Rounds; round++)
        {
            ours.Add(Write(callers, writes, replica, keys, isAsync));
            if (redis is not null)
            {
                (double perSecond, double p50, double p99) = RedisBenchmark.Sets(redis, callers, writes, Keys, ValueSize);
                theirs.Add(new Figure(perSecond, p50, p99));
            }
        }

        Console.WriteLine($"{name}: {Describe(ours)}");
        if (redis is not null)
        {
            Console.WriteLine($"    Redis: {Describe(theirs)}");
            Console.WriteLine(
                $"    ours / Redis: throughput {Median(ours, theirs, figure => figure.PerSecond)}, p50 {Median(ours, theirs, figure => figure.P50)}");
        }
    }

    private static string Describe(List<Figure> figures) =>
        $"{Median(figures, figure => figure.PerSecond):n0} writes/s, p50 {Median(figures, figure => figure.P50):f0} µs, p99 {Median(figures, figure => figure.P99):f0} µs";

    private static double Median(List<Figure> figures, Func<Figure, double> field) => figures.Select(field).Order().ElementAt(figures.Count / 2);

    private static string Median(List<Figure> ours, List<Figure> theirs, Func<Figure, double> field)
    {
        double[] ratios = [.. ours.Zip(theirs, (our, their) => field(our) / field(their)).Order()];
        return $"{ratios[ratios.Length / 2]:f2}× ({ratios[0]:f2} to {ratios[^1]:f2})";
    }

    private static Figure Write(int callers, int writes, IReplicatedCache replica, string[] keys, bool isAsync)
    {
        var ticks = new long[callers][];
        long start = Stopwatch.GetTimestamp();
        if (isAsync)
        {
            Task.WaitAll([.. Enumerable.Range(0, callers).Select(caller => Task.Run(async () => ticks[caller] = await WriteAsync(caller, writes / callers, replica, keys)))]);
        }
        else
        {
            Thread[] threads = [.. Enumerable.Range(0, callers).Select(caller => new Thread(() => ticks[caller] = WriteBlocking(caller, writes / callers, replica, keys)))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] sorted = [.. ticks.SelectMany(each => each).Order().Select(each => each * 1e6 / Stopwatch.Frequency)];
        return new Figure(sorted.Length / seconds, sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]);
    }

    private static async Task<long[]> WriteAsync(int caller, int writes, IReplicatedCache replica, string[] keys)
    {
        var random = new Random(caller);
        byte[] value = new byte[ValueSize];
        var ticks = new long[writes];
        for (int i = 0; i < writes; i++)
        {
            long before = Stopwatch.GetTimestamp();
            await replica.SetAsync(keys[random.Next(keys.Length)], value, NoExpiration).ConfigureAwait(false);
            ticks[i] = Stopwatch.GetTimestamp() - before;
        }

        return ticks;
    }

    private static long[] WriteBlocking(int caller, int writes, IReplicatedCache replica, string[] keys)
    {
        var random = new Random(caller);
        byte[] value = new byte[ValueSize];
        var ticks = new long[writes];
        for (int i = 0; i < writes; i++)
        {
            long before = Stopwatch.GetTimestamp();
            replica.Set(keys[random.Next(keys.Length)], value, NoExpiration);
            ticks[i] = Stopwatch.GetTimestamp() - before;
        }

        return ticks;
    }
}
