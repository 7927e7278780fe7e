using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Replication;

/// <summary>How long a write takes to be readable in another process, at one write a millisecond.</summary>
internal static class PropagationPart
{
    public const string Key = "counter";
    public const int ValueSize = 16;
    public const long End = long.MaxValue;

    private const int Writes = 2000;

    public static void Run(IReplicatedCache master, ReplicaProcess replica)
    {
        var options = new DistributedCacheEntryOptions();
        replica.BeginEcho();
        for (long number = 1; number <= Writes; number++)
        {
            Write(master, number, options);
            Thread.Sleep(1);
        }

        Write(master, End, options);
        double[] sorted = [.. replica.EndEcho().Order()];
        Console.WriteLine(
            $"write to visible in another process, 1 ms apart: p50 {sorted[sorted.Length / 2]:f0} µs, p99 {sorted[sorted.Length * 99 / 100]:f0} µs, max {sorted[^1]:f0} µs ({sorted.Length} of {Writes} seen before the next one came)");
    }

    private static void Write(IReplicatedCache master, long number, DistributedCacheEntryOptions options)
    {
        byte[] value = new byte[ValueSize];
        BitConverter.TryWriteBytes(value, number);
        BitConverter.TryWriteBytes(value.AsSpan(8), Stopwatch.GetTimestamp());
        master.Set(Key, value, options);
    }
}
