using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Strangers;

/// <summary>The master and its writer.</summary>
internal static class MasterPart
{
    public const string Verb = "strangers-master";
    public const string ClockKey = "clock";
    public const int WritesPerSecond = 5000;

    private static long _writes;
    private static volatile bool _isStopping;

    public static int Run(string[] args)
    {
        using IDisposable owner = (IDisposable)BenchmarkNode.Create(options =>
        {
            options.Role = ReplicationRole.Master;
            options.Listen.Add("127.0.0.1:0");
            options.RecoveryWindow = TimeSpan.Zero;
            StrangersRun.Protect(options);
            if (args[0] != "-")
            {
                options.Tls.Listener = true;
                options.Tls.Certificate.Path = Path.Combine(args[0], "ca.crt");
                options.Tls.Certificate.KeyPath = Path.Combine(args[0], "tls.key");
            }
        });
        var cache = (IReplicatedCache)owner;
        var writer = new Thread(() => Write(cache)) { IsBackground = true };
        writer.Start();
        while (Console.ReadLine() is { } question)
        {
            using var self = Process.GetCurrentProcess();
            Console.WriteLine(question switch
            {
                "endpoint" => cache.GetReplicationInfo().ListenEndPoints[0],
                "cpu" => self.TotalProcessorTime.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
                "memory" => self.WorkingSet64.ToString(CultureInfo.InvariantCulture),
                "threads" => self.Threads.Count.ToString(CultureInfo.InvariantCulture),
                "writes" => Volatile.Read(ref _writes).ToString(CultureInfo.InvariantCulture),
                "digest" => cache.GetReplicationInfo().Digest,
                _ => Stop(writer),
            });
        }

        return 0;
    }

    private static string Stop(Thread writer)
    {
        _isStopping = true;
        writer.Join();
        return "stopped";
    }

    private static void Write(IReplicatedCache cache)
    {
        var options = new DistributedCacheEntryOptions();
        byte[] value = new byte[100];
        byte[] clock = new byte[8];
        long start = Stopwatch.GetTimestamp();
        while (!_isStopping)
        {
            long due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * WritesPerSecond);
            for (; _writes < due; Volatile.Write(ref _writes, _writes + 1))
            {
                cache.Set($"key:{_writes % 100_000}", value, options);
            }

            // Both processes read the same clock of the machine.
            BitConverter.TryWriteBytes(clock, Stopwatch.GetTimestamp());
            cache.Set(ClockKey, clock, options);
            Thread.Sleep(1);
        }
    }
}
