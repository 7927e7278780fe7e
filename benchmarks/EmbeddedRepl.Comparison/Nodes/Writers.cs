using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>Writers in the process of the node itself, as in a service.</summary>
internal static class Writers
{
    /// <summary>How many random keys a writer has ready, which it takes again and again.</summary>
    public const int SampleSize = 1 << 16;

    // So many bytes of the stream may wait for a replica; then the writers pause until it is fewer, so that what is measured can be sustained.
    private const long EnoughPending = 16 << 20;
    private const int FillBatch = 100;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    /// <summary>Sets the first keys once each.</summary>
    /// <param name="cache">Where.</param>
    /// <param name="count">How many keys.</param>
    /// <param name="valueSize">Bytes of the value, which is the same for all.</param>
    /// <param name="seed">Another seed is another value, so that who missed a second filling has other data.</param>
    public static string Fill(IReplicatedCache cache, int count, int valueSize, int seed = 1)
    {
        byte[] value = NewValue(valueSize, seed);
        foreach (int[] numbers in Enumerable.Range(0, count).Chunk(FillBatch))
        {
            cache.SetMany([.. numbers.Select(number => KeyValuePair.Create(EntryKeys.Create(number), (ReadOnlyMemory<byte>)value))], NoExpiration);
        }

        return ChildLoop.Done;
    }

    /// <summary>Writes, and says how fast that was and how far the replicas were behind.</summary>
    public static WriteResult Write(IReplicatedCache cache, WriteLoad load)
    {
        long maxLag = 0;
        var pace = new Pace();
        using var done = new ManualResetEventSlim();
        var lagWatch = new Thread(() =>
        {
            while (!done.Wait(5))
            {
                long pending = cache.GetReplicationInfo().Replicas.Select(replica => replica.PendingBytes).Append(0).Max();
                pace.IsHeld = pending > EnoughPending;
                maxLag = Math.Max(maxLag, pending);
            }
        });

        TimeSpan processorBefore = Process.GetCurrentProcess().TotalProcessorTime;
        Thread[] writers = [.. Enumerable.Range(0, load.Threads).Select(number => new Thread(() => WriteOne(cache, load, number, pace)))];
        lagWatch.Start();
        long start = Stopwatch.GetTimestamp();
        Array.ForEach(writers, writer => writer.Start());
        Array.ForEach(writers, writer => writer.Join());
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        TimeSpan processor = Process.GetCurrentProcess().TotalProcessorTime - processorBefore;
        done.Set();
        lagWatch.Join();
        return new WriteResult(load.Writes / took.TotalSeconds, processor.TotalNanoseconds / load.Writes, maxLag);
    }

    private static byte[] NewValue(int size, int seed = 1)
    {
        byte[] value = new byte[size];
        new Random(seed).NextBytes(value);
        return value;
    }

    private static void WriteOne(IReplicatedCache cache, WriteLoad load, int number, Pace pace)
    {
        string[] keys = EntryKeys.CreateSample(load.Keys, SampleSize, seed: number);
        byte[] value = NewValue(load.ValueSize);
        KeyValuePair<string, ReadOnlyMemory<byte>>[][] batches = load.Batch == 1
            ? []
            : [.. keys.Chunk(load.Batch).Where(chunk => chunk.Length == load.Batch).Select(chunk => chunk.Select(key => KeyValuePair.Create(key, (ReadOnlyMemory<byte>)value)).ToArray())];
        int writes = load.Writes / load.Threads;
        double perSecond = load.PerSecond / (double)load.Threads;
        long start = Stopwatch.GetTimestamp();
        for (int written = 0, call = 0; written < writes; written += load.Batch, call++)
        {
            while (pace.IsHeld)
            {
                Thread.Sleep(1);
            }

            while (perSecond > 0 && Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond < written)
            {
                Thread.Sleep(1);
            }

            if (load.Batch == 1)
            {
                cache.Set(keys[call % SampleSize], value, NoExpiration);
            }
            else
            {
                cache.SetMany(batches[call % batches.Length], NoExpiration);
            }
        }
    }

    private sealed class Pace
    {
        private volatile bool _isHeld;

        /// <summary>Whether writers pause.</summary>
        public bool IsHeld
        {
            get => _isHeld;
            set => _isHeld = value;
        }
    }
}
