using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Replication;

/// <summary>
/// A master and a replica in two processes over loopback: sustained writes that the replica keeps up with, a full sync, and the
/// time until a write is visible. Every figure ends only when the replica has applied everything, and the digests are compared.
/// </summary>
internal static class ReplicationFigures
{
    private const int Entries = 1_000_000;
    private const int Batch = 100;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    public static int Run()
    {
        IReplicatedCache master = ReplicaProcess.CreateNode(options =>
        {
            options.Role = ReplicationRole.Master;
            options.Listen.Add("127.0.0.1:0");
            options.RecoveryWindow = TimeSpan.Zero;
        });
        string[] keys = [.. Enumerable.Range(0, Entries).Select(i => $"key:{i:d12}")];
        byte[] value = new byte[100];
        Random.Shared.NextBytes(value);
        Console.WriteLine($"{Entries:n0} entries, keys of 16 characters, values of {value.Length} B, {Environment.ProcessorCount} processors");

        Measure("insert, no replica", () => SetAll(master, keys, value));
        double alone = Measure("overwrite, no replica", () => SetAll(master, keys, value));

        string endPoint = master.GetReplicationInfo().ListenEndPoints[0];
        long start = Stopwatch.GetTimestamp();
        using var replica = new ReplicaProcess(endPoint);
        replica.WaitForStreaming();
        Console.WriteLine($"full sync of them, start of the replica's process included: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:n0} ms");

        double one = Measure("overwrite, one replica keeping up", () => Until(replica, master, () => SetAll(master, keys, value)));
        double many = Measure($"SetMany of {Batch}, one replica keeping up", () => Until(replica, master, () => SetBatches(master, keys, value)));
        Console.WriteLine($"one replica / none: {one / alone:f2}×, SetMany / Set: {many / one:f2}×");
        PropagationPart.Run(master, replica);

        replica.WaitFor(master.GetReplicationInfo().ReplicationOffset);
        ReplicaState state = replica.Ask();
        ReplicationInfo info = master.GetReplicationInfo();
        bool equal = state.Digest == info.Digest && state.Offset == info.ReplicationOffset && info.SyncFull == 1;
        Console.WriteLine(equal ? $"digests equal: {info.Digest}, one full sync" : $"NODES DIFFER: {info} and {state}");
        return equal ? 0 : 1;
    }

    private static void SetAll(IReplicatedCache master, string[] keys, byte[] value)
    {
        foreach (string key in keys)
        {
            master.Set(key, value, NoExpiration);
        }
    }

    private static void SetBatches(IReplicatedCache master, string[] keys, byte[] value)
    {
        var batch = new KeyValuePair<string, ReadOnlyMemory<byte>>[Batch];
        for (int i = 0; i < keys.Length; i += Batch)
        {
            for (int j = 0; j < Batch; j++)
            {
                batch[j] = new KeyValuePair<string, ReadOnlyMemory<byte>>(keys[i + j], value);
            }

            master.SetMany(batch, NoExpiration);
        }
    }

    private static void Until(ReplicaProcess replica, IReplicatedCache master, Action writes)
    {
        writes();
        replica.WaitFor(master.GetReplicationInfo().ReplicationOffset);
    }

    private static double Measure(string name, Action action)
    {
        GC.Collect();
        long start = Stopwatch.GetTimestamp();
        action();
        double perSecond = Entries / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine($"{name}: {perSecond / 1000:n0} k writes/s");
        return perSecond;
    }
}
